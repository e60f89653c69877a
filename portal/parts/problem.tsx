import { useEffect, useState } from 'preact/hooks';
import type { AnswerError, ClientError } from '../../clients/typescript/client.js';

/** What to tell people of a code; the server's message says the rest. */
const ADVICE: Readonly<Record<string, string>> = {
  SOURCE_UNAVAILABLE: 'does not answer',
  DEADLINE_EXCEEDED: 'took too long to answer',
  NOT_READY: 'is still starting',
  RATE_LIMITED: 'asks for a pause',
};

/** One sentence for a failure, beginning with the source's name where it is known. */
export function describeProblem({ code, message, source }: AnswerError | ClientError): string {
  const advice = ADVICE[code];
  if (advice === undefined) return source === null ? message : `${source}: ${message}`;
  return `${source ?? 'The server'} ${advice}.`;
}

interface FailureProps {
  readonly failure: ClientError;
  readonly onRetry: () => void;
  /** The answer before is still shown below. */
  readonly showsLast?: boolean;
}

/** Stands where an answer would, or above the last one: what failed, by whom and why, and the way to try again. */
export function Failure({ failure, onRetry, showsLast = false }: FailureProps) {
  const [isTrying, setTrying] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another failure is the outcome of the trial
  useEffect(() => setTrying(false), [failure]);
  return (
    <div class="notice tone-bad" role="alert">
      <p>
        <strong>{describeProblem(failure)}</strong>
      </p>
      <p class="quiet">
        {failure.message} <code>{failure.code}</code>
      </p>
      {showsLast && <p class="quiet">What stands below is from the last answer and may have changed.</p>}
      <button
        type="button"
        onClick={() => {
          setTrying(true);
          onRetry();
        }}
      >
        {isTrying ? 'Trying again…' : 'Try again'}
      </button>
    </div>
  );
}

/** Stands above an answer of which parts are missing: which, and because of whom. */
export function PartialFailures({ errors }: { readonly errors: readonly AnswerError[] }) {
  if (errors.length === 0) return null;
  const sentences = [...new Set(errors.map((error) => `${describeProblem(error)} (${error.code})`))];
  return (
    <div class="notice tone-warn" role="status">
      <p>
        <strong>Parts of this answer are missing.</strong>
      </p>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { type AnswerError, type Client, ClientError, type TypedDocument } from '../clients/typescript/client.js';
import { choosePollDelay } from './poll-delay.js';

export const ClientContext = createContext<Client | undefined>(undefined);

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error('ClientContext is not provided');
  return client;
}

export interface QueryState<Data> {
  /** The last answer; stays while the next is on its way. */
  readonly data: Data | undefined;
  /** What failed within the last answer. */
  readonly errors: readonly AnswerError[];
  /** Why the last request gave no answer at all. */
  readonly failure: ClientError | undefined;
  /** The answer shown is not (yet) that of the present variables. */
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface QueryOptions<Data> {
  /**
   * Asks again after this time: for an answer that is still changing. What fails and may be answered later is asked again
   * in any case. Hidden pages do not ask.
   */
  readonly pollMs?: (data: Data) => number | undefined;
  /** Asks anew whenever this number changes; the last answer stands meanwhile. */
  readonly round?: number;
}

interface Settled<Data> {
  readonly key: string;
  readonly data: Data | undefined;
  readonly errors: readonly AnswerError[];
  readonly failure: ClientError | undefined;
}

/** The answer to a query, asked again when its variables change; a request that is overtaken is cancelled. */
export function useQuery<Data, Variables>(
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  options: QueryOptions<Data> = {},
): QueryState<Data> {
  const client = useClient();
  const key = `${document.name} ${JSON.stringify(variables)}`;
  const [settled, setSettled] = useState<Settled<Data> | undefined>(undefined);
  const [reloads, setReloads] = useState(0);
  const reload = useCallback(() => setReloads((last) => last + 1), []);
  const latest = useRef({ document, variables, options });
  latest.current = { document, variables, options };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for document and variables
  useEffect(() => {
    const controller = new AbortController();
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
      const { document, variables, options } = latest.current;
      let pollMs: number | undefined;
      try {
        const { data, errors } = await client.request(document, variables, { signal: controller.signal });
        if (controller.signal.aborted) return;
        setSettled({ key, data, errors, failure: undefined });
        pollMs = choosePollDelay(errors, options.pollMs?.(data));
      } catch (thrown) {
        if (controller.signal.aborted) return;
        const failure = toClientError(thrown);
        setSettled((last) => ({ key, data: last?.key === key ? last.data : undefined, errors: [], failure }));
        pollMs = choosePollDelay([failure], undefined);
      }
      if (pollMs !== undefined) timer = window.setTimeout(poll, pollMs);
    };
    const poll = (): void => {
      if (window.document.visibilityState === 'visible') void ask();
      else window.document.addEventListener('visibilitychange', poll, { once: true });
    };
    void ask();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
      window.document.removeEventListener('visibilitychange', poll);
    };
  }, [client, key, reloads, options.round]);

  return {
    data: settled?.data,
    errors: settled?.errors ?? [],
    failure: settled?.key === key ? settled.failure : undefined,
    isLoading: settled?.key !== key,
    reload,
  };
}

/** What to show instead of a root field that is null: the error that made it so, or none while nothing is wrong. */
export function failureOf(query: QueryState<unknown>, isMissing: boolean): ClientError | undefined {
  const [first] = query.errors;
  if (query.failure !== undefined || first === undefined || !isMissing) return query.failure;
  return new ClientError(first.code, first.message, { source: first.source, errors: query.errors });
}

/** Anything thrown as a ClientError. */
export function toClientError(thrown: unknown): ClientError {
  if (thrown instanceof ClientError) return thrown;
  return new ClientError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

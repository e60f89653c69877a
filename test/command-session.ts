import { Output } from '../cli/output.js';
import type { Session } from '../cli/session.js';
import { createClient } from '../clients/typescript/client.js';

/** Keeps what commands say instead of printing it. */
class RecordedOutput extends Output {
  readonly results: { readonly value: unknown; readonly lines: readonly string[] }[] = [];
  readonly remarks: string[] = [];

  override result(value: unknown, lines: readonly string[]): void {
    this.results.push({ value, lines });
  }

  override remark(line: string): void {
    this.remarks.push(line);
  }
}

export interface CommandSession extends Session {
  readonly output: RecordedOutput;
  /** Takes the result that the last command gave, as --json would print it. */
  takeResult<Value>(): Value;
}

/** Runs the functions behind the verbs of `sc` against a gateway, as the command line does. */
export function openCommandSession(server: string, timeoutMs = 30_000): CommandSession {
  const output = new RecordedOutput(true);
  return {
    server,
    output,
    client: createClient({ url: `${server}/graphql`, timeoutMs }),
    signal: new AbortController().signal,
    takeResult: <Value>() => {
      const result = output.results.pop();
      if (result === undefined) throw new Error('The command gave no result');
      return result.value as Value;
    },
  };
}

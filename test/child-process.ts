import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The built command line: what a user runs. */
export const BUILT_CLI = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');

export interface RunningCommand {
  readonly child: ChildProcess;
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** Standard error so far. */
  readError(): string;
  /** Resolves with the first line that the check takes. @throws with standard error when the command ends before */
  waitForLine(check: (line: string) => boolean): Promise<string>;
  /** The exit code, once it has ended by itself; null when a signal ended it. */
  waitForEnd(): Promise<number | null>;
  /** Ends it, and resolves with its exit code, null when the signal ended it. MAY be called twice. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment beside PATH and HOME: settings of whoever runs the tests do not reach the command. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program as a process of its own. */
export function startCommand(
  program: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, parameters, {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let partial = '';
  let errorText = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    lines.push(...parts);
    child.emit('lines');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorText = (errorText + text).slice(-20_000);
  });
  const waitForEnd = once(child, 'close').then(() => child.exitCode);
  return {
    child,
    lines,
    readError: () => errorText,
    waitForLine: async (check) => {
      for (;;) {
        const line = lines.find(check);
        if (line !== undefined) return line;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${program} ${parameters.join(' ')} ended: ${errorText}`);
        await Promise.race([once(child, 'lines'), waitForEnd]);
      }
    },
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return waitForEnd;
    },
    waitForEnd: () => waitForEnd,
  };
}

/** `sc` as built. @throws when it is not built */
export function startSc(parameters: readonly string[], options: CommandOptions = {}): RunningCommand {
  if (!existsSync(BUILT_CLI)) throw new Error(`${BUILT_CLI} is missing: npm run build`);
  return startCommand(process.execPath, [BUILT_CLI, ...parameters], options);
}

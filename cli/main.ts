#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ClientError } from '../clients/typescript/client.js';
import { SciclomaticError } from '../core/errors.js';
import { createProgram } from './program.js';
import type { GlobalOptions } from './session.js';

/** Exit codes: 0 well, 1 a failure with a code of docs/errors.md, 2 wrong usage, 130 ended by Ctrl-C. */
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interrupted.abort(new SciclomaticError('CANCELLED', `Ended by ${signal}`));
  });
}

const program = createProgram(interrupted.signal);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = tell(error);
}

/** Says what went wrong on standard error and gives the exit code. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (interrupted.signal.aborted) return EXIT_INTERRUPTED;
  const known = error instanceof ClientError ? error : SciclomaticError.from(error);
  process.stderr.write(`sc: ${known.code}${known.source ? ` from ${known.source}` : ''}: ${known.message}\n`);
  if (known.code === 'SOURCE_UNAVAILABLE' && error instanceof ClientError && !known.source)
    process.stderr.write(
      `    asked ${program.opts<GlobalOptions>().server}; "npm start" runs one, --server or $SC_SERVER names another\n`,
    );
  if (known.code === 'INTERNAL' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return known.code === 'BAD_INPUT' || known.code === 'CONFIG_INVALID' ? EXIT_USAGE : EXIT_FAILURE;
}

#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ClientError } from '../clients/typescript/client.js';
import { SciclomaticError } from '../core/errors.js';
import { Output } from './output.js';
import { createProgram, type Openers } from './program.js';
import { type GlobalOptions, openSession } from './session.js';

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

// Who reads has left, as `head` does: nobody is there to tell more. A disk that is full is told.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`sc: standard output: ${error.message}\n`);
    process.exit(error.code === 'EPIPE' ? process.exitCode : EXIT_FAILURE);
  });
}

// As far as it is known when even the options are wrong.
let output = new Output(process.argv.includes('--json'));
const openers: Openers = {
  output: (command) => {
    output = new Output(command.optsWithGlobals<GlobalOptions>().json ?? false);
    return output;
  },
  session: (command) =>
    openSession(command.optsWithGlobals<GlobalOptions>(), openers.output(command), interrupted.signal),
};
const program = createProgram(interrupted.signal, openers);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = tell(error);
}

/** Says what went wrong on standard error, with --json on standard output too, and gives the exit code. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    output.failure('BAD_INPUT', error.message.replace(/^error: /, ''), null);
    return EXIT_USAGE;
  }
  const known = error instanceof ClientError ? error : SciclomaticError.from(error);
  output.failure(known.code, known.message, known.source ?? null);
  process.stderr.write(`sc: ${known.code}${known.source ? ` from ${known.source}` : ''}: ${known.message}\n`);
  if (known.code === 'SOURCE_UNAVAILABLE' && error instanceof ClientError && !known.source)
    process.stderr.write(
      `    asked ${program.opts<GlobalOptions>().server}; "npm start" runs one, --server or $SC_SERVER names another\n`,
    );
  if (known.code === 'INTERNAL' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  if (interrupted.signal.aborted) return EXIT_INTERRUPTED;
  return known.code === 'BAD_INPUT' || known.code === 'CONFIG_INVALID' ? EXIT_USAGE : EXIT_FAILURE;
}

import { type DestinationStream, pino } from 'pino';

/** Structured logging, one JSON object a line. Secrets never reach it: config prints itself redacted. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** @param destination where lines go; standard error when absent, so that standard output stays a command's own. */
export function createLogger(level: LogLevel, fields: object = {}, destination?: DestinationStream): Logger {
  return pino(
    { level, base: { ...fields }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message', errorKey: 'error' },
    destination ?? pino.destination({ dest: 2, sync: false }),
  );
}

/** Drops everything; for tests and libraries used without a process of ours. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

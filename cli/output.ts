import type { AnswerError } from '../clients/typescript/client-error.js';
import { readEnvironment } from '../core/config.js';

/** What a command prints: text for people, or with --json one JSON value on standard output. Remarks go to standard error. */
export class Output {
  readonly json: boolean;
  #told = false;

  constructor(json: boolean) {
    this.json = json;
  }

  /** The command's result, once: `value` with --json, else the lines. */
  result(value: unknown, lines: readonly string[]): void {
    this.#told = true;
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    else if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }

  /** With --json, why there is no result; a result that was given stands alone. */
  failure(code: string, message: string, source: string | null): void {
    if (this.json && !this.#told) this.result({ error: { code, message, source } }, []);
  }

  remark(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** Failures of parts of an answer: said, and the rest stands. */
  partial(errors: readonly AnswerError[]): void {
    for (const { code, source, message, path } of errors)
      this.remark(
        `warning: ${code}${source ? ` from ${source}` : ''}${path ? ` at ${path.join('.')}` : ''}: ${message}`,
      );
  }

  /** A progress bar on a terminal, a line now and then elsewhere, nothing with --json. */
  progress(label: string, totalBytes: number | null): Progress {
    if (this.json) return { update: () => undefined, end: () => undefined, stop: () => undefined };
    const drawsOver = process.stderr.isTTY && readEnvironment().TERM !== 'dumb';
    return drawsOver ? new ProgressBar(label, totalBytes) : new ProgressLines(label, totalBytes);
  }
}

export interface Progress {
  /** Bytes done so far. */
  update(doneBytes: number): void;
  /** All is done. */
  end(): void;
  /** It ended before all was done. */
  stop(): void;
}

/** Wait between two drawings of a bar and two lines in a pipe, in milliseconds. */
const BAR_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5000;
const BAR_WIDTH = 30;

class ProgressBar implements Progress {
  readonly #label: string;
  readonly #total: number | null;
  readonly #startedAt = Date.now();
  #drawnAt = 0;
  #done = 0;

  constructor(label: string, total: number | null) {
    this.#label = label;
    this.#total = total;
  }

  update(doneBytes: number): void {
    this.#done = doneBytes;
    if (Date.now() - this.#drawnAt >= BAR_INTERVAL_MS) this.#draw();
  }

  end(): void {
    this.#draw();
    process.stderr.write('\n');
  }

  stop(): void {
    if (this.#drawnAt > 0) process.stderr.write('\n');
  }

  #draw(): void {
    this.#drawnAt = Date.now();
    const seconds = Math.max(0.001, (Date.now() - this.#startedAt) / 1000);
    const rate = this.#done / seconds;
    const share = this.#total ? Math.min(1, this.#done / this.#total) : 0;
    const filled = Math.round(share * BAR_WIDTH);
    const left = this.#total && rate > 0 ? `, ${Math.ceil((this.#total - this.#done) / rate)} s left` : '';
    const bar =
      this.#total === null
        ? ''
        : ` [${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}] ${Math.round(share * 100)} %`;
    const line = `${this.#label}${bar} ${formatBytes(this.#done)}, ${formatBytes(rate)}/s${left}`;
    // A line that wraps could not be drawn over.
    process.stderr.write(`\r\u001b[K${line.slice(0, Math.max(1, process.stderr.columns - 1))}`);
  }
}

class ProgressLines implements Progress {
  readonly #label: string;
  readonly #total: number | null;
  #saidAt = Date.now();
  #done = 0;

  constructor(label: string, total: number | null) {
    this.#label = label;
    this.#total = total;
  }

  update(doneBytes: number): void {
    this.#done = doneBytes;
    if (Date.now() - this.#saidAt >= LINE_INTERVAL_MS) this.#say();
  }

  end(): void {
    this.#say();
  }

  stop(): void {
    // What went wrong is said by others.
  }

  #say(): void {
    this.#saidAt = Date.now();
    process.stderr.write(
      `${this.#label}: ${formatBytes(this.#done)}${this.#total === null ? '' : ` of ${formatBytes(this.#total)}`}\n`,
    );
  }
}

/** `1 file`, `2 files`. */
export const formatQuantity = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `1.5 MiB`; whole bytes below 1 KiB; `unknown size` for null. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return 'unknown size';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Rows under a heading, columns as wide as their widest cell; the last column is not padded. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)];
}

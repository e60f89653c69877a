import type { SampleFile } from '../sample-process.js';

export interface CsvOptions {
  readonly path: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string)[])[];
}

/**
 * Comma-separated text: a header, one line a row, each ended by LF (RFC 4180 apart from its CRLF). Numbers are the
 * shortest text that reads back to the same double.
 */
export function createCsvFile({ path, description, columns, rows }: CsvOptions): SampleFile {
  const lines = [columns, ...rows].map((cells) => `${cells.map(formatCell).join(',')}\n`);
  return { path, mediaType: 'text/csv', description, bytes: new TextEncoder().encode(lines.join('')) };
}

function formatCell(cell: number | string): string {
  if (typeof cell === 'number') return String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

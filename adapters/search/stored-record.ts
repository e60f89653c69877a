import type { DatasetRecord, FileRecord } from '../../formats/dataset-record.js';

/** Files in one line: a string cannot hold the millions that a record may have. */
const FILES_PER_LINE = 10_000;
const LINE_FEED = 10;

/** A record as a line of JSON; of one with very many files all but these, then the files in lines of their own. */
export function encodeRecord(record: DatasetRecord): Buffer {
  const { files } = record;
  if (files === null || files.length <= FILES_PER_LINE) return Buffer.from(`${JSON.stringify(record)}\n`);
  const lines: unknown[] = [{ ...record, files: [] }];
  for (let start = 0; start < files.length; start += FILES_PER_LINE)
    lines.push(files.slice(start, start + FILES_PER_LINE));
  return Buffer.concat(lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)));
}

export function decodeRecord(bytes: Buffer): DatasetRecord {
  const lines: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at);
    lines.push(JSON.parse(bytes.toString('utf8', at, end)));
    at = end + 1;
  }
  const [record, ...files] = lines as [DatasetRecord, ...FileRecord[][]];
  return files.length === 0 ? record : { ...record, files: files.flat() };
}

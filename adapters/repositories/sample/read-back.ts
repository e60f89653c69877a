import type { SampleProcess } from './sample-process.js';

/** A small reader of NumPy's format 1.0, written from its description, not from the writer. For tests. */
export function readNpy(bytes: Uint8Array): { type: string; shape: number[]; values: number[] } {
  const buffer = Buffer.from(bytes);
  const start = 10 + buffer.readUInt16LE(8);
  const header = buffer.toString('latin1', 10, start);
  const type = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').filter((axis) => axis.trim() !== '');
  const read = { '<f8': () => buffer.readDoubleLE, '<i4': () => buffer.readInt32LE, '|u1': () => buffer.readUInt8 }[
    type
  ];
  if (!read) throw new Error(`Unknown type ${type}`);
  const elementBytes = Number(type.at(-1));
  const values: number[] = [];
  for (let offset = start; offset < buffer.length; offset += elementBytes) values.push(read().call(buffer, offset));
  return { type, shape: shape.map(Number), values };
}

/** Rows of numbers of a CSV file that a process makes, by column. For tests. */
export function readCsvColumns(about: SampleProcess, path: string): Record<string, number[]> {
  const [header = '', ...lines] = new TextDecoder().decode(computeFile(about, path)).trimEnd().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  return Object.fromEntries(
    header.split(',').map((name, index) => [name, rows.map((row) => row[index] ?? Number.NaN)]),
  );
}

/** An array that a process makes, as rows along its last axis. For tests. */
export function readNpyRows(about: SampleProcess, path: string): number[][] {
  const { shape, values } = readNpy(computeFile(about, path));
  const length = shape.at(-1) ?? 1;
  return Array.from({ length: values.length / length }, (_, row) => values.slice(row * length, (row + 1) * length));
}

const computed = new Map<SampleProcess, ReadonlyMap<string, Uint8Array>>();

/** Bytes of one file; each process is computed once. */
export function computeFile(about: SampleProcess, path: string): Uint8Array {
  let files = computed.get(about);
  if (!files) {
    files = new Map(about.compute().map((file) => [file.path, file.bytes]));
    computed.set(about, files);
  }
  const bytes = files.get(path);
  if (!bytes) throw new Error(`${about.localId} has no file ${path}`);
  return bytes;
}

import type { SampleFile } from '../sample-process.js';

/** Element types, in NumPy's notation: little-endian double, little-endian 32-bit integer, byte. */
export type NpyType = '<f8' | '<i4' | '|u1';

export interface NpyOptions {
  readonly path: string;
  readonly description: string;
  readonly type: NpyType;
  /** Length of each axis; the last one runs fastest (C order). */
  readonly shape: readonly number[];
  /** As many as the shape has places. */
  readonly values: ArrayLike<number> & Iterable<number>;
}

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0];
/** The array begins at a multiple of this, so that it can be mapped into memory. */
const ALIGNMENT_BYTES = 64;
/** Magic, version, and the header's own length as a 16-bit number. */
const PREFIX_BYTES = MAGIC.length + 2;

const ELEMENT_BYTES: Readonly<Record<NpyType, number>> = { '<f8': 8, '<i4': 4, '|u1': 1 };

/** NumPy's array format, version 1.0 (numpy.lib.format, NEP 1): `numpy.load` reads it. */
export function createNpyFile({ path, description, type, shape, values }: NpyOptions): SampleFile {
  const count = shape.reduce((product, length) => product * length, 1);
  if (count !== values.length) throw new RangeError(`${path}: ${values.length} values for a shape of ${count}`);
  const header = createHeader(type, shape);
  const bytes = new Uint8Array(header.length + count * ELEMENT_BYTES[type]);
  bytes.set(header);
  writeValues(new DataView(bytes.buffer, header.length), type, values);
  return { path, mediaType: 'application/x-npy', description, bytes };
}

function createHeader(type: NpyType, shape: readonly number[]): Uint8Array {
  // A Python literal: a tuple of one element needs its comma.
  const tuple = shape.length === 1 ? `(${shape.join()},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpaddedBytes = PREFIX_BYTES + dictionary.length + 1;
  const headerBytes = Math.ceil(unpaddedBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const text = `${dictionary.padEnd(headerBytes - PREFIX_BYTES - 1)}\n`;
  const header = new Uint8Array(headerBytes);
  header.set(MAGIC);
  new DataView(header.buffer).setUint16(MAGIC.length, text.length, true);
  header.set(new TextEncoder().encode(text), PREFIX_BYTES);
  return header;
}

function writeValues(view: DataView, type: NpyType, values: Iterable<number>): void {
  let offset = 0;
  for (const value of values) {
    if (type === '<f8') view.setFloat64(offset, value, true);
    else if (type === '<i4') view.setInt32(offset, value, true);
    else view.setUint8(offset, value);
    offset += ELEMENT_BYTES[type];
  }
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { syncFolder } from '../../core/durable-file.js';
import { SciclomaticError } from '../../core/errors.js';

/**
 * A file that never changes: parts of bytes, then a footer, and of both a checksum. The footer is kept in memory; a part
 * is read with pread, not mapped, so that it does not count as memory of the process.
 */
export interface PartsFile<Footer> {
  readonly footer: Footer;
  /** The bytes of a part, at the beginning of a buffer of their own. @throws DATA_CORRUPT */
  readPart(part: number): Buffer<ArrayBuffer>;
  close(): void;
}

interface Table<Footer> {
  readonly footer: Footer;
  /** Where each part begins, and where the last one ends. */
  readonly offsets: Float64Array;
  /** CRC-32 of each part. */
  readonly checksums: Uint32Array;
}

/** Bytes written between two looks at the event loop. */
const BYTES_PER_TURN = 1 << 19;
/** Length and CRC-32 of the table, which stands before them. */
const TRAILER_BYTES = 16;

/**
 * Writes a file and opens it; all of it is on disk when this returns.
 * @param createFooter called after the last part was taken
 */
export async function writePartsFile<Footer>(
  path: string,
  parts: Iterable<Uint8Array>,
  createFooter: () => Footer,
): Promise<PartsFile<Footer>> {
  const offsets = [0];
  const checksums: number[] = [];
  const tables: Table<Footer>[] = [];
  function* listBytes(): Generator<Uint8Array> {
    for (const part of parts) {
      offsets.push((offsets[checksums.length] as number) + part.length);
      checksums.push(crc32(part));
      yield part;
    }
    const table = {
      footer: createFooter(),
      offsets: Float64Array.from(offsets),
      checksums: Uint32Array.from(checksums),
    };
    tables.push(table);
    const bytes = serialize(table);
    yield bytes;
    yield new Uint8Array(Float64Array.of(bytes.length, crc32(bytes)).buffer);
  }
  await writeFile(path, joinBytes(listBytes()), { flush: true });
  await syncFolder(dirname(path));
  return openPartsFile(path, tables[0]);
}

/** Fewer and larger writes. */
function* joinBytes(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let joined: Uint8Array[] = [];
  let byteCount = 0;
  for (const piece of pieces) {
    joined.push(piece);
    byteCount += piece.length;
    if (byteCount < BYTES_PER_TURN) continue;
    yield Buffer.concat(joined);
    [joined, byteCount] = [[], 0];
  }
  yield Buffer.concat(joined);
}

/**
 * Opens a file.
 * @param known its table, when it was just written
 * @throws DATA_CORRUPT
 */
export function openPartsFile<Footer>(path: string, known?: Table<Footer>): PartsFile<Footer> {
  const check = <Value>(work: () => Value): Value => {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SciclomaticError('DATA_CORRUPT', `${path} is damaged: ${reason}`, { cause });
    }
  };
  const file = check(() => openSync(path, 'r'));
  const read = (start: number, end: number, checksum?: number): Buffer<ArrayBuffer> => {
    const bytes = Buffer.allocUnsafeSlow(end - start);
    if (readSync(file, bytes, 0, bytes.length, start) !== bytes.length) throw new Error('it is too short');
    if (checksum !== undefined && crc32(bytes) !== checksum)
      throw new Error('its bytes are not those that were written');
    return bytes;
  };
  const readTable = (): Table<Footer> => {
    const end = fstatSync(file).size - TRAILER_BYTES;
    const trailer = read(end, end + TRAILER_BYTES);
    return deserialize(read(end - trailer.readDoubleLE(0), end, trailer.readDoubleLE(8))) as Table<Footer>;
  };
  try {
    const { footer, offsets, checksums } = known ?? check(readTable);
    const readPart = (part: number) =>
      check(() => read(offsets[part] as number, offsets[part + 1] as number, checksums[part]));
    return { footer, readPart, close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

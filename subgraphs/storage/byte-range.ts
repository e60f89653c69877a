/** What part of a file a request asks for. */
export type ByteRange =
  | { readonly kind: 'WHOLE' }
  | { readonly kind: 'PART'; readonly offset: number; readonly length: number }
  | { readonly kind: 'UNSATISFIABLE' };

const WHOLE: ByteRange = { kind: 'WHOLE' };

/**
 * Reads a Range header (RFC 9110 §14). What is not one range of bytes (another unit, several ranges, nonsense) is
 * answered with the whole file, as the RFC allows.
 * @param ifRange value of If-Range; the range counts only when it is the file's strong tag
 */
export function parseByteRange(
  range: string | null,
  ifRange: string | null,
  file: { readonly sizeBytes: number; readonly etag: string },
): ByteRange {
  if (range === null || (ifRange !== null && ifRange !== file.etag)) return WHOLE;
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(range);
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return WHOLE;
  if (first === '') return takeSuffix(Number(last), file.sizeBytes);
  const offset = Number(first);
  const end = last === '' ? file.sizeBytes : Math.min(Number(last) + 1, file.sizeBytes);
  if (last !== '' && Number(last) < offset) return WHOLE;
  return offset < file.sizeBytes ? { kind: 'PART', offset, length: end - offset } : { kind: 'UNSATISFIABLE' };
}

function takeSuffix(count: number, sizeBytes: number): ByteRange {
  const length = Math.min(count, sizeBytes);
  return length > 0 ? { kind: 'PART', offset: sizeBytes - length, length } : { kind: 'UNSATISFIABLE' };
}

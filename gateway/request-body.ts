import { SciclomaticError } from '../core/errors.js';

/**
 * The body's text, of which no more than the limit is ever in memory.
 * @throws REQUEST_TOO_LARGE, at once when content-length says so
 */
export async function readRequestBody(request: Request, maxBytes: number): Promise<string> {
  if (request.body === null) return '';
  const announced = Number(request.headers.get('content-length') ?? Number.NaN);
  if (announced > maxBytes) throw bodyTooLarge(maxBytes);
  if (announced <= maxBytes) return request.text();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export const bodyTooLarge = (maxBytes: number) =>
  new SciclomaticError('REQUEST_TOO_LARGE', `The body is over ${maxBytes} bytes, the most that is accepted`);

import { createCipheriv } from 'node:crypto';
import type { ChunkId } from '../../core/ids.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import { CHUNK_BYTES } from '../../formats/manifest.js';

/** Chunks of a file that nothing can compress, the same at every run: AES-128 in counter mode over zeros. */
export function* inventChunks(count: number): Generator<{ readonly id: ChunkId; readonly bytes: Uint8Array }> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let index = 0; index < count; index++) {
    const bytes = cipher.update(zeros);
    yield { id: hexBlake3(bytes) as ChunkId, bytes };
  }
}

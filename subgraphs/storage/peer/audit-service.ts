import type { ChunkStore } from '../../../adapters/chunks/contract.js';
import { decodeChunkId } from '../../../adapters/swarm/chunk-frames.js';
import type { Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { unaryHandler } from '../../../core/grpc-server.js';
import type { ChunkId } from '../../../core/ids.js';
import type { Logger } from '../../../core/log.js';
import { keyedBlake3 } from '../../../core/node-hashes.js';
import {
  type AuditServiceServer,
  type ChallengeAnswer,
  ChallengeOutcome,
} from '../../../proto/gen/sciclomatic/storage/v1/audit.js';

const NONCE_BYTES = 32;
/** Most chunks in one challenge. */
const MAX_CHALLENGED_CHUNKS = 256;

/** Answers challenges from the bytes on disk, read now; it keeps no hash that could be answered instead. */
export function createAuditService(chunks: ChunkStore, log: Logger): AuditServiceServer {
  return {
    challenge: unaryHandler(log, async ({ nonce, chunkIds }, call) => {
      if (nonce.length !== NONCE_BYTES) {
        throw new SciclomaticError('BAD_INPUT', `A nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`);
      }
      if (chunkIds.length > MAX_CHALLENGED_CHUNKS) {
        throw new SciclomaticError(
          'LIMIT_EXCEEDED',
          `${chunkIds.length} chunks; a challenge names at most ${MAX_CHALLENGED_CHUNKS}`,
        );
      }
      const answers: ChallengeAnswer[] = [];
      // One after the other: an audit must not take the disk from those who read.
      for (const id of chunkIds.map(decodeChunkId)) answers.push(await answer(chunks, id, nonce, call));
      return { answers };
    }),
  };
}

async function answer(chunks: ChunkStore, id: ChunkId, nonce: Uint8Array, call: Call): Promise<ChallengeAnswer> {
  const without = (outcome: ChallengeOutcome): ChallengeAnswer => ({ outcome, keyedHash: new Uint8Array() });
  try {
    const bytes = await chunks.read(id, call);
    return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_HELD, keyedHash: keyedBlake3(nonce, bytes) };
  } catch (error) {
    const { code } = SciclomaticError.from(error);
    if (code === 'NOT_FOUND') return without(ChallengeOutcome.CHALLENGE_OUTCOME_MISSING);
    if (code === 'CHECKSUM_MISMATCH') return without(ChallengeOutcome.CHALLENGE_OUTCOME_DAMAGED);
    throw error;
  }
}

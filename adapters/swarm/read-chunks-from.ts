import { assertActive, type Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { followSignal } from '../../core/follow-signal.js';
import type { ChunkId } from '../../core/ids.js';
import type { Chunk, PeerConnection } from './peer-connection.js';

/** A peer that sends no chunk for this long, in milliseconds, is left for the next one. */
const STALL_MS = 15_000;

/**
 * The chunks in order, each verified, from the first peer that gives them. A peer that fails, stalls or sends wrong bytes
 * is left for the next one in the middle of the stream; no chunk is given twice. A chunk is given up only when every
 * peer failed on it.
 * @throws what the last peer said of the chunk that nobody gave; SOURCE_UNAVAILABLE without a peer; CANCELLED
 */
export async function* readChunksFrom(
  peers: readonly Pick<PeerConnection, 'id' | 'readChunks'>[],
  ids: readonly ChunkId[],
  call: Call,
  stallMs: number = STALL_MS,
): AsyncGenerator<Chunk> {
  let given = 0;
  let failuresInTurn = 0;
  let lastFailure: unknown = new SciclomaticError('SOURCE_UNAVAILABLE', 'No storage peer holds these chunks');
  for (let turn = 0; given < ids.length; turn++) {
    const peer = peers[turn % peers.length];
    if (peer === undefined || failuresInTurn >= peers.length) throw lastFailure;
    assertActive(call);
    const before = given;
    try {
      for await (const chunk of readWithoutStall(peer, ids.slice(given), call, stallMs)) {
        given += 1;
        failuresInTurn = 0;
        yield chunk;
      }
    } catch (error) {
      if (call.signal.aborted) throw error;
      // Who gave something may have been cut off, as a peer does whose receiver is slow: it is worth asking again.
      if (given === before) failuresInTurn += 1;
      lastFailure = error;
      call.log.warn({ error, peer: peer.id, chunk: ids[given] }, 'A storage peer failed; the next one is asked');
    }
  }
}

/** The time that the receiver takes over a chunk does not count: only waiting for the peer does. */
async function* readWithoutStall(
  peer: Pick<PeerConnection, 'id' | 'readChunks'>,
  ids: readonly ChunkId[],
  call: Call,
  stallMs: number,
): AsyncGenerator<Chunk> {
  const reading = followSignal(call.signal);
  const chunks = peer.readChunks(ids, { ...call, signal: reading.signal });
  const stall = () =>
    reading.abort(
      new SciclomaticError('SOURCE_UNAVAILABLE', `Peer ${peer.id} sent nothing for ${stallMs} ms`, { source: peer.id }),
    );
  try {
    for (;;) {
      const timer = setTimeout(stall, stallMs);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    reading.release();
    await chunks.return(undefined);
  }
}

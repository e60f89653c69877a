import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import { createTestCall } from '../../core/test-call.js';
import type { Chunk } from './peer-connection.js';
import { readChunksFrom } from './read-chunks-from.js';

const idOf = (index: number): ChunkId => String(index).padStart(64, '0') as ChunkId;
const ids = Array.from({ length: 20 }, (_, index) => idOf(index));

/** A peer that holds the chunks given and fails on the first other one. */
function createPeer(id: string, held: ReadonlySet<number>, asked: string[] = []) {
  return {
    id,
    readChunks: async function* (wanted: readonly ChunkId[]): AsyncGenerator<Chunk> {
      asked.push(id);
      for (const chunk of wanted) {
        if (!held.has(Number(chunk))) throw new SciclomaticError('NOT_FOUND', `${id} lacks ${chunk}`, { source: id });
        yield { id: chunk, bytes: Buffer.from(chunk) };
      }
    },
  };
}

async function collect(chunks: AsyncIterable<Chunk>): Promise<ChunkId[]> {
  const collected: ChunkId[] = [];
  for await (const { id } of chunks) collected.push(id);
  return collected;
}

describe('reading chunks from several peers', () => {
  it('gives every chunk once and in order, whoever holds which, as long as somebody holds each', async () => {
    const peerSets = fc.array(fc.uniqueArray(fc.nat(19)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(peerSets, async (sets) => {
        const peers = sets.map((held, index) => createPeer(`p${index}`, new Set(held)));
        const covered = new Set(sets.flat());
        const firstGap = ids.findIndex((_, index) => !covered.has(index));
        const given: ChunkId[] = [];
        const reading = (async () => {
          for await (const { id } of readChunksFrom(peers, ids, createTestCall())) given.push(id);
        })();
        if (firstGap < 0) await reading;
        else await expect(reading).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(given).toEqual(ids.slice(0, firstGap < 0 ? ids.length : firstGap));
      }),
    );
  });

  it('asks the nearest peer only while it answers', async () => {
    const asked: string[] = [];
    const all = new Set(ids.keys());
    expect(
      await collect(readChunksFrom([createPeer('a', all, asked), createPeer('b', all, asked)], ids, createTestCall())),
    ).toEqual(ids);
    expect(asked).toEqual(['a']);
  });

  it('asks the only peer again for as long as it gives something each time', async () => {
    const asked: string[] = [];
    const all = createPeer('a', new Set(ids.keys()), asked);
    const hasty = {
      id: 'a',
      readChunks: async function* (wanted: readonly ChunkId[]): AsyncGenerator<Chunk> {
        yield* all.readChunks(wanted.slice(0, 8));
        if (wanted.length > 8) throw new SciclomaticError('DEADLINE_EXCEEDED', 'The receiver took nothing');
      },
    };
    expect(await collect(readChunksFrom([hasty], ids, createTestCall()))).toEqual(ids);
    expect(asked).toHaveLength(3);
  });

  it('leaves a peer that stalls', async () => {
    const silent = {
      id: 'silent',
      readChunks: async function* (wanted: readonly ChunkId[], call: { signal: AbortSignal }): AsyncGenerator<Chunk> {
        yield { id: wanted[0] ?? idOf(0), bytes: Buffer.alloc(1) };
        await new Promise((_, reject) => {
          call.signal.addEventListener('abort', () => reject(SciclomaticError.from(call.signal.reason)));
        });
      },
    };
    const honest = createPeer('honest', new Set(ids.keys()));
    expect(await collect(readChunksFrom([silent, honest], ids, createTestCall(), 20))).toEqual(ids);
  });

  it('leaves nothing with the signal of its caller', async () => {
    const { signal } = new AbortController();
    const call = createCall({ log: silentLogger, signal });
    const peers = [createPeer('a', new Set([0])), createPeer('b', new Set(ids.keys()))];
    for (let round = 0; round < 3; round++) await collect(readChunksFrom(peers, ids, call));
    const left = readChunksFrom(peers, ids, call);
    await left.next();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await left.return(undefined);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('stops when its caller leaves, and without a peer', async () => {
    const gone = new AbortController();
    const peer = createPeer('a', new Set(ids.keys()));
    const call = createCall({ log: silentLogger, signal: gone.signal });
    const reader = readChunksFrom([peer], ids, call);
    await reader.next();
    gone.abort();
    await reader.return(undefined);
    await expect(collect(readChunksFrom([peer], ids, call))).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(collect(readChunksFrom([], ids, createTestCall()))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
  });
});

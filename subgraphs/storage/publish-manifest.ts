import type { PeerConnection } from '../../adapters/swarm/peer-connection.js';
import type { Swarm, SwarmPeer } from '../../adapters/swarm/swarm.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { SignedManifest } from '../../formats/signed-manifest.js';
import { listChunkIds } from './peer/missing-chunks.js';

/**
 * The nearest healthy peer with room for that many bytes: where new chunks go.
 * @param refusing ids of peers that ran full on the way, whatever they say now
 * @throws SOURCE_UNAVAILABLE when no peer answers, STORAGE_FULL when none of those that answer has room
 */
export async function choosePeer(
  swarm: Swarm,
  sizeBytes: number,
  call: Call,
  refusing: ReadonlySet<string> = new Set(),
): Promise<PeerConnection> {
  let full = 0;
  for (const { connection, healthy } of await swarm.listPeers(call)) {
    if (!healthy) continue;
    const usage = await connection.readUsage(call).catch((error: unknown) => {
      call.log.warn({ error, peer: connection.id }, 'A storage peer does not say how much room it has');
    });
    if (usage === undefined) continue;
    const hasRoom = usage.freeBytes === null || usage.freeBytes >= sizeBytes;
    if (hasRoom && !refusing.has(connection.id)) return connection;
    full += 1;
  }
  throw full > 0
    ? new SciclomaticError(
        'STORAGE_FULL',
        `None of the ${full} storage peers that answer has room for ${sizeBytes} bytes`,
      )
    : new SciclomaticError('SOURCE_UNAVAILABLE', 'No storage peer answers');
}

/**
 * Writes a signed manifest to the healthy peer that holds most of its chunks, the nearest of equals; to the next one when
 * it has no room for the others. @throws as publishManifest; SOURCE_UNAVAILABLE when no peer answers
 */
export async function publishWhereHeld(swarm: Swarm, signed: SignedManifest, call: Call): Promise<void> {
  const ids = listChunkIds(signed.manifest);
  const healthy = (await swarm.listPeers(call)).filter((peer) => peer.healthy);
  const counted = await Promise.all(
    healthy.map(async ({ connection }) => {
      const held = await connection.hasChunks(ids, call).catch(() => undefined);
      return held === undefined ? [] : [{ connection, heldCount: held.filter(Boolean).length }];
    }),
  );
  const ranked = counted.flat().sort((left, right) => right.heldCount - left.heldCount);
  let full: SciclomaticError | undefined;
  for (const { connection } of ranked) {
    try {
      await publishManifest(swarm, connection, signed, call);
      return;
    } catch (thrown) {
      const error = SciclomaticError.from(thrown);
      if (error.code !== 'STORAGE_FULL') throw error;
      call.log.warn({ error, peer: connection.id }, 'A storage peer has no room for a dataset; the next one is asked');
      full ??= error;
    }
  }
  throw full ?? new SciclomaticError('SOURCE_UNAVAILABLE', 'No storage peer answers');
}

/**
 * Writes a signed manifest to a peer; chunks that only other peers hold are brought there first, since a peer keeps no
 * manifest whose chunks it does not hold. Idempotent. @throws SOURCE_UNAVAILABLE, STORAGE_FULL, NOT_FOUND
 */
export async function publishManifest(
  swarm: Swarm,
  target: PeerConnection,
  signed: SignedManifest,
  call: Call,
): Promise<void> {
  const ids = listChunkIds(signed.manifest);
  const held = await target.hasChunks(ids, call);
  const missing = ids.filter((_, position) => !held[position]);
  if (missing.length > 0) {
    const others = (await swarm.listPeers(call)).filter(({ id }: SwarmPeer) => id !== target.id);
    await target.writeChunks(swarm.readChunks(missing, others, call), call);
  }
  await target.writeManifest(signed, call);
}

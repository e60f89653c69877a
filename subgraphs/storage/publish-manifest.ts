import type { PeerConnection } from '../../adapters/chunks/grpc/peer-connection.js';
import type { Swarm, SwarmPeer } from '../../adapters/chunks/grpc/swarm.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId } from '../../core/ids.js';
import type { SignedManifest } from '../../formats/signed-manifest.js';

/**
 * The nearest healthy peer with room for that many bytes: where new chunks go.
 * @throws SOURCE_UNAVAILABLE when no peer answers, STORAGE_FULL when none of those that answer has room
 */
export async function choosePeer(swarm: Swarm, sizeBytes: number, call: Call): Promise<PeerConnection> {
  let full = 0;
  for (const { connection, healthy } of await swarm.listPeers(call)) {
    if (!healthy) continue;
    const usage = await connection.readUsage(call).catch((error: unknown) => {
      call.log.warn({ error, peer: connection.id }, 'A storage peer does not say how much room it has');
    });
    if (usage === undefined) continue;
    if (usage.freeBytes === null || usage.freeBytes >= sizeBytes) return connection;
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
 * Writes a signed manifest to a peer; chunks that only other peers hold are brought there first, since a peer keeps no
 * manifest whose chunks it does not hold. Idempotent. @throws SOURCE_UNAVAILABLE, STORAGE_FULL, NOT_FOUND
 */
export async function publishManifest(
  swarm: Swarm,
  target: PeerConnection,
  signed: SignedManifest,
  call: Call,
): Promise<void> {
  const ids = [...new Set(signed.manifest.files.flatMap((file) => file.chunkIds as readonly ChunkId[]))];
  const held = await target.hasChunks(ids, call);
  const missing = ids.filter((_, position) => !held[position]);
  if (missing.length > 0) {
    const others = (await swarm.listPeers(call)).filter(({ id }: SwarmPeer) => id !== target.id);
    await target.writeChunks(swarm.readChunks(missing, others, call), call);
  }
  await target.writeManifest(signed, call);
}

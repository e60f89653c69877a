import { createBoundedCache } from '../../core/bounded-cache.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import { decodeHex, encodeHex } from '../../formats/bytes.js';
import { verifyManifest } from '../../formats/signed-manifest.js';
import { parseSignedRecord } from '../../formats/signed-record.js';
import type { ListManifestsResponse } from '../../proto/gen/sciclomatic/storage/v1/manifest.js';
import type { HealthStore, ManifestFacts } from './health-store.js';
import type { StoragePeer } from './storage-peer.js';

/**
 * Reads what a peer kept since the last time, and yields the id of each dataset of which that is news, as it comes. The
 * place in the peer's list is kept on disk, so that a restart reads nothing twice. A manifest that does not verify is
 * passed over: it is nothing that the swarm should keep safe. What a peer told before it lost its store is forgotten: it
 * then lists from the beginning, in another epoch.
 * @throws SOURCE_UNAVAILABLE, DEADLINE_EXCEEDED when the peer does not answer; what it yielded stands
 */
export async function* readNewManifests(store: HealthStore, peer: StoragePeer, call: Call): AsyncGenerator<string> {
  const known = store.readProgress(peer.id);
  let epoch = known?.epoch ?? '';
  let writing: Promise<string | undefined>[] = [];
  for await (const message of peer.listManifests(known?.sequence ?? 0, epoch, call)) {
    if (message.epoch !== epoch) {
      if (epoch !== '') await forgetListings(store, peer, call);
      ({ epoch } = message);
    }
    writing.push(keepManifest(store, peer, message, call));
    if (writing.length < WRITE_BATCH) continue;
    yield* (await Promise.all(writing)).filter((id) => id !== undefined);
    writing = [];
  }
  yield* (await Promise.all(writing)).filter((id) => id !== undefined);
}

/** Manifests that are written as one: each commit waits for the disk. */
const WRITE_BATCH = 64;

/** The dataset's id when the manifest is news. */
async function keepManifest(
  store: HealthStore,
  peer: StoragePeer,
  { sequence, manifest, epoch }: ListManifestsResponse,
  call: Call,
): Promise<string | undefined> {
  const manifestHash = encodeHex(manifest?.manifestHash ?? new Uint8Array(0));
  const progress = { sequence: Number(sequence), manifestHash, epoch };
  const facts = readFacts(manifest, peer, call);
  if (facts === undefined) {
    await store.skip(peer.id, progress);
    return undefined;
  }
  const listing = { peerId: peer.id, institutionId: peer.institutionId };
  return (await store.addListing(facts, listing, progress)) ? facts.datasetId : undefined;
}

/**
 * Forgets how far a peer was read when it counts anew, as one does whose folder was replaced: the manifest at the known
 * sequence number is then another, or none.
 */
export async function checkPeerSequence(store: HealthStore, peer: StoragePeer, call: Call): Promise<void> {
  const known = store.readProgress(peer.id);
  if (known === undefined || known.sequence === 0) return;
  for await (const { sequence, manifest } of peer.listManifests(known.sequence - 1, known.epoch ?? '', call)) {
    const hash = encodeHex(manifest?.manifestHash ?? new Uint8Array(0));
    if (Number(sequence) === known.sequence && hash === known.manifestHash) return;
    break;
  }
  await forgetListings(store, peer, call);
}

async function forgetListings(store: HealthStore, peer: StoragePeer, call: Call): Promise<void> {
  call.log.warn({ peer: peer.id }, 'The peer counts its manifests anew; its list is read from the beginning');
  await store.forgetListings(peer.id);
}

/** Verified manifests remembered: several peers list the same one, and to verify it once is enough. */
const REMEMBERED_MANIFESTS = 1024;
/** Longest list of chunk ids remembered, in bytes; large manifests are verified again. */
const MAX_REMEMBERED_BYTES = 16 * 1024;
/** By the hash of the signed record, so that only the very same bytes are taken for verified. */
const verifiedFacts = createBoundedCache<string, ManifestFacts>(REMEMBERED_MANIFESTS);

function readFacts(
  signed: ListManifestsResponse['manifest'],
  peer: StoragePeer,
  call: Call,
): ManifestFacts | undefined {
  const text = signed?.signedRecordJson ?? new Uint8Array(0);
  const name = hexBlake3(text);
  const verified = verifiedFacts.get(name);
  if (verified !== undefined) return verified;
  try {
    const record = parseSignedRecord(text, peer.id);
    const { manifest, hash, datasetId } = verifyManifest(record, 'EMBEDDED', nodeCrypto, peer.id);
    const chunkIds = new Set(manifest.files.flatMap((file) => file.chunkIds));
    const facts = {
      datasetId,
      manifestHash: hash,
      createdAt: manifest.createdAt,
      chunkIds: decodeHex([...chunkIds].join('')),
    };
    if (facts.chunkIds.length <= MAX_REMEMBERED_BYTES) verifiedFacts.set(name, facts);
    return facts;
  } catch (error) {
    const { code, message } = SciclomaticError.from(error);
    call.log.warn({ peer: peer.id, code, reason: message }, 'A peer lists a manifest that does not verify');
    return undefined;
  }
}

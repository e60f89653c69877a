import { readFile } from 'node:fs/promises';
import type { DirectoryEntry, DirectoryState } from '../../adapters/directory.js';
import { SciclomaticError } from '../../core/errors.js';
import { type GrpcServer, serverStreamHandler, startGrpcServer, unaryHandler } from '../../core/grpc-server.js';
import { parseInstitutionId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import { hexBlake3, keyedBlake3 } from '../../core/node-hashes.js';
import { decodeBase64, encodeHex } from '../../formats/bytes.js';
import { parseManifest } from '../../formats/manifest.js';
import { parseSignedRecord } from '../../formats/signed-record.js';
import {
  type AuditServiceServer,
  AuditServiceService,
  type ChallengeAnswer,
  ChallengeOutcome,
} from '../../proto/gen/sciclomatic/storage/v1/audit.js';
import { type ChunkServiceServer, ChunkServiceService } from '../../proto/gen/sciclomatic/storage/v1/chunk.js';
import {
  type ManifestServiceServer,
  ManifestServiceService,
  type SignedManifest,
} from '../../proto/gen/sciclomatic/storage/v1/manifest.js';
import type { FakeDataset } from './fake-dataset.fixture.js';

/** A storage peer in memory, over real gRPC, for tests: it can lie, lose, damage and fall silent. */
export interface FakeStoragePeer {
  readonly id: string;
  readonly institution: string;
  readonly address: string;
  /** Chunks by hex id; change them to lose or to damage some. */
  readonly chunks: Map<string, Uint8Array>;
  manifests: SignedManifest[];
  /** How the peer misbehaves; all off at first. */
  readonly faults: {
    /** Says that it holds everything, and answers challenges with hashes of nothing. */
    liesHeld: boolean;
    /** Says HELD when asked by index, MISSING when challenged. */
    saysMissing: boolean;
    /** Says that it may still write so many; undefined = no limit. */
    freeBytes: bigint | undefined;
    /** Thrown by PullDataset. */
    pullError: SciclomaticError | undefined;
    /** Manifests listed before these are no longer counted: sequence numbers begin at 1 again. */
    sequenceOffset: number;
  };
  /** How often each call came. */
  readonly calls: { hasChunks: number; challenge: number; readChunks: number; pullDataset: number };
  add(dataset: FakeDataset): void;
  /** As the registry lists it. */
  describe(state?: DirectoryState): DirectoryEntry;
  /** Falls silent: the port is closed. */
  stop(): Promise<void>;
  /** Comes back on the same port. */
  start(): Promise<void>;
}

const DESCRIPTORS = new URL('../../proto/gen/descriptors.binpb', import.meta.url);

/** @param swarm peers by address, so that a pull finds its source */
export async function startFakeStoragePeer(
  institution: string,
  id: string,
  swarm: Map<string, FakeStoragePeer>,
): Promise<FakeStoragePeer> {
  let server: GrpcServer | undefined;
  const descriptors = await readFile(DESCRIPTORS);
  const listen = async (port: number) => {
    const services = [
      { definition: ChunkServiceService, implementation: createChunkService(peer) },
      { definition: AuditServiceService, implementation: createAuditService(peer) },
      { definition: ManifestServiceService, implementation: createManifestService(peer, swarm) },
    ];
    server = await startGrpcServer({ services, descriptors, host: '127.0.0.1', port, log: silentLogger });
    return server;
  };
  const peer: FakeStoragePeer & { address: string } = {
    id,
    institution,
    address: '',
    chunks: new Map(),
    manifests: [],
    faults: { liesHeld: false, saysMissing: false, freeBytes: undefined, pullError: undefined, sequenceOffset: 0 },
    calls: { hasChunks: 0, challenge: 0, readChunks: 0, pullDataset: 0 },
    add: ({ chunks, signed }) => {
      for (const bytes of chunks) peer.chunks.set(hexBlake3(bytes), bytes);
      peer.manifests.push(signed);
    },
    describe: (state = 'HEALTHY') => ({
      id,
      kind: 'STORAGE_PEER',
      institution: { id: parseInstitutionId(institution), name: institution, publicKey: new Uint8Array(0) },
      address: peer.address,
      supports: [],
      name: id,
      description: '',
      state,
      reason: '',
      lastSeenAtMs: 0,
    }),
    stop: async () => server?.close(),
    start: async () => {
      await listen(Number(peer.address.split(':')[1]));
    },
  };
  peer.address = (await listen(0)).address;
  swarm.set(peer.address, peer);
  return peer;
}

function createChunkService(peer: FakeStoragePeer): ChunkServiceServer {
  return {
    hasChunks: unaryHandler(silentLogger, ({ chunkIds }) => {
      peer.calls.hasChunks += 1;
      const heldBitmap = new Uint8Array(Math.ceil(chunkIds.length / 8));
      chunkIds.forEach((id, index) => {
        if (peer.faults.liesHeld || peer.chunks.has(encodeHex(id))) {
          heldBitmap[index >> 3] = (heldBitmap[index >> 3] ?? 0) | (1 << (index & 7));
        }
      });
      return Promise.resolve({ heldBitmap });
    }),
    readChunks: serverStreamHandler(silentLogger, async function* ({ chunkIds }) {
      await Promise.resolve();
      peer.calls.readChunks += 1;
      for (const [chunkIndex, id] of chunkIds.entries()) {
        const bytes = peer.chunks.get(encodeHex(id));
        if (bytes === undefined) throw new SciclomaticError('NOT_FOUND', 'This chunk is not held');
        yield { chunkIndex, chunkSizeBytes: bytes.length, bytes };
      }
    }),
    readUsage: unaryHandler(silentLogger, () =>
      Promise.resolve({ chunkCount: BigInt(peer.chunks.size), storedBytes: 0n, freeBytes: peer.faults.freeBytes }),
    ),
    writeChunks: (_incoming, callback) => callback(null, { chunkCount: 0n, newChunkCount: 0n }),
  };
}

function createAuditService(peer: FakeStoragePeer): AuditServiceServer {
  const answer = (nonce: Uint8Array, id: Uint8Array): ChallengeAnswer => {
    const none = new Uint8Array(0);
    const bytes = peer.chunks.get(encodeHex(id));
    if (peer.faults.saysMissing) return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_MISSING, keyedHash: none };
    if (peer.faults.liesHeld) {
      return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_HELD, keyedHash: keyedBlake3(nonce, none) };
    }
    if (bytes === undefined) return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_MISSING, keyedHash: none };
    if (hexBlake3(bytes) !== encodeHex(id)) {
      // As a chunk store does: what is found damaged is held no longer.
      peer.chunks.delete(encodeHex(id));
      return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_DAMAGED, keyedHash: none };
    }
    return { outcome: ChallengeOutcome.CHALLENGE_OUTCOME_HELD, keyedHash: keyedBlake3(nonce, bytes) };
  };
  return {
    challenge: unaryHandler(silentLogger, ({ nonce, chunkIds }) => {
      peer.calls.challenge += 1;
      return Promise.resolve({ answers: chunkIds.map((id) => answer(nonce, id)) });
    }),
  };
}

function createManifestService(peer: FakeStoragePeer, swarm: Map<string, FakeStoragePeer>): ManifestServiceServer {
  return {
    listManifests: serverStreamHandler(silentLogger, async function* ({ afterSequence }) {
      await Promise.resolve();
      const { sequenceOffset } = peer.faults;
      const start = Math.max(0, Number(afterSequence) - sequenceOffset);
      for (const [index, manifest] of peer.manifests.slice(start).entries()) {
        yield { sequence: BigInt(start + index + 1 + sequenceOffset), manifest, epoch: '' };
      }
    }),
    readManifest: unaryHandler(silentLogger, () => Promise.reject(new SciclomaticError('UNSUPPORTED', 'Not here'))),
    writeManifest: unaryHandler(silentLogger, () => Promise.reject(new SciclomaticError('UNSUPPORTED', 'Not here'))),
    pullDataset: serverStreamHandler(silentLogger, async function* ({ manifestHash, fromAddress }) {
      await Promise.resolve();
      peer.calls.pullDataset += 1;
      if (peer.faults.pullError) throw peer.faults.pullError;
      const source = swarm.get(fromAddress);
      const hash = encodeHex(manifestHash);
      const manifest = source?.manifests.find((one) => encodeHex(one.manifestHash) === hash);
      if (source === undefined || manifest === undefined) throw new SciclomaticError('NOT_FOUND', 'No such manifest');
      const { payload } = parseSignedRecord(manifest.signedRecordJson);
      const ids = parseManifest(decodeBase64(payload)).files.flatMap(({ chunkIds }) => chunkIds);
      for (const id of ids) {
        const bytes = source.chunks.get(id);
        if (bytes === undefined) throw new SciclomaticError('NOT_FOUND', 'The source does not hold a chunk');
        peer.chunks.set(id, bytes);
      }
      if (!peer.manifests.some((one) => encodeHex(one.manifestHash) === hash)) peer.manifests.push(manifest);
      const count = BigInt(ids.length);
      yield { heldChunkCount: count, totalChunkCount: count, receivedBytes: 0n, complete: true };
    }),
  };
}

import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId, InstitutionId } from '../../core/ids.js';
import { chunkRanges, type ManifestFile } from '../../formats/manifest.js';
import type { SignedManifest } from '../../formats/signed-manifest.js';
import type { Directory } from '../directory.js';
import { type Chunk, createPeerConnection, type ManifestKey, type PeerConnection } from './peer-connection.js';
import { readChunksFrom } from './read-chunks-from.js';

/** A storage peer that the directory knows. */
export interface SwarmPeer {
  readonly id: string;
  readonly institutionId: InstitutionId;
  readonly address: string;
  /** Whether the registry holds it for alive. */
  readonly healthy: boolean;
  readonly connection: PeerConnection;
}

export interface HeldManifest {
  readonly signed: SignedManifest;
  /** Peers that hold it, nearest first. */
  readonly holders: readonly SwarmPeer[];
}

export interface SwarmOptions {
  readonly directory: Directory;
  /** Whose peers are asked first, because they stand near. */
  readonly nearInstitution?: string | undefined;
  /** For tests; opens a real connection when absent. */
  readonly connect?: (id: string, address: string) => PeerConnection;
}

/** The storage peers together, as one who reads and writes sees them. No peer is believed: everything is verified. */
export interface Swarm {
  /** Every peer known, nearest first: healthy ones of the near institution, the other healthy ones, the rest; by id. */
  listPeers(call: Call): Promise<readonly SwarmPeer[]>;
  /**
   * The manifest by hash; by dataset id the newest that any healthy peer holds. Undefined when every peer that answers
   * says that it holds none.
   * @throws SOURCE_UNAVAILABLE when no peer answers
   */
  findManifest(key: ManifestKey, call: Call): Promise<HeldManifest | undefined>;
  /** The chunks in order, from whichever peers give them; see readChunksFrom. */
  readChunks(ids: readonly ChunkId[], peers: readonly SwarmPeer[], call: Call): AsyncGenerator<Chunk>;
  /** `length` bytes of the file from `offset`, in order, in pieces of at most 1 MiB, each verified. @throws BAD_INPUT outside the file */
  readFile(
    file: Pick<ManifestFile, 'path' | 'sizeBytes' | 'chunkIds'>,
    range: { readonly offset: number; readonly length: number },
    peers: readonly SwarmPeer[],
    call: Call,
  ): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

export function createSwarm(options: SwarmOptions): Swarm {
  const connect = options.connect ?? createPeerConnection;
  const connections = new Map<string, PeerConnection>();

  const connectTo = (id: string, address: string): PeerConnection => {
    const known = connections.get(id);
    if (known?.address === address) return known;
    known?.close();
    const connection = connect(id, address);
    connections.set(id, connection);
    return connection;
  };

  const listPeers = async (call: Call): Promise<readonly SwarmPeer[]> => {
    const entries = await options.directory.listAdapters('STORAGE_PEER', call);
    const distance = (peer: SwarmPeer): number =>
      peer.healthy ? (peer.institutionId === options.nearInstitution ? 0 : 1) : 2;
    return entries
      .map(({ id, institution, address, state }) => ({
        id,
        institutionId: institution.id,
        address,
        healthy: state === 'HEALTHY',
        connection: connectTo(id, address),
      }))
      .sort((left, right) => distance(left) - distance(right));
  };

  const readChunks: Swarm['readChunks'] = (ids, peers, call) =>
    readChunksFrom(
      peers.map(({ connection }) => connection),
      ids,
      call,
    );

  return {
    listPeers,
    findManifest: async (key, call) => findNewest(await listPeers(call), key, call),
    readChunks,
    readFile: async function* (file, { offset, length }, peers, call) {
      const slices = [...chunkRanges(file, offset, length)];
      let position = 0;
      const ids = slices.map(({ chunkId }) => chunkId);
      for await (const { bytes } of readChunks(ids, peers, call)) {
        const slice = slices[position++];
        yield bytes.subarray(slice?.start, slice?.end);
      }
    },
    close: async () => {
      for (const connection of connections.values()) connection.close();
      connections.clear();
    },
  };
}

async function findNewest(
  peers: readonly SwarmPeer[],
  key: ManifestKey,
  call: Call,
): Promise<HeldManifest | undefined> {
  // The registry's word is advice: when none that it calls healthy answers, the others are asked too.
  const healthy = peers.filter((peer) => peer.healthy);
  const first = await askPeers(healthy, key, call);
  const asked = first.some(isFulfilled) ? healthy : peers.filter((peer) => !peer.healthy);
  const answers = asked === healthy ? first : await askPeers(asked, key, call);
  if (!answers.some(isFulfilled)) {
    const refused = [...first, ...answers].find((answer) => answer.status === 'rejected');
    throw new SciclomaticError('SOURCE_UNAVAILABLE', 'No storage peer answers', { cause: refused?.reason });
  }
  const found = answers.flatMap((answer, position) => {
    const peer = asked[position];
    if (answer.status === 'rejected') {
      call.log.warn({ error: answer.reason as unknown, peer: peer?.id }, 'A storage peer gave no manifest');
      return [];
    }
    return answer.value && peer && isAnswerTo(key, answer.value) ? [{ peer, signed: answer.value }] : [];
  });
  const [newest] = found.map(({ signed }) => signed).sort(compareNewestFirst);
  if (newest === undefined) return undefined;
  return { signed: newest, holders: found.filter(({ signed }) => signed.hash === newest.hash).map(({ peer }) => peer) };
}

async function askPeers(
  peers: readonly SwarmPeer[],
  key: ManifestKey,
  call: Call,
): Promise<PromiseSettledResult<SignedManifest | undefined>[]> {
  const answers = await Promise.allSettled(peers.map(({ connection }) => connection.readManifest(key, call)));
  if (call.signal.aborted) throw SciclomaticError.from(call.signal.reason, 'CANCELLED');
  return answers;
}

const isFulfilled = ({ status }: PromiseSettledResult<unknown>): boolean => status === 'fulfilled';

/** A peer that answers with another dataset's manifest is not believed. */
function isAnswerTo(key: ManifestKey, signed: SignedManifest): boolean {
  return 'hash' in key ? signed.hash === key.hash : signed.datasetId === key.datasetId;
}

/** By instant of creation, ties by hash, so that every reader chooses alike. */
function compareNewestFirst(left: SignedManifest, right: SignedManifest): number {
  const order = Date.parse(right.manifest.createdAt) - Date.parse(left.manifest.createdAt);
  return order !== 0 ? order : left.hash < right.hash ? -1 : left.hash > right.hash ? 1 : 0;
}

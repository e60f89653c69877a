import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import type { PeerConnection } from '../../adapters/swarm/peer-connection.js';
import type { Swarm } from '../../adapters/swarm/swarm.js';
import { assertActive, type Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId, DatasetId } from '../../core/ids.js';
import type { Checksum, FileRecord } from '../../formats/dataset-record.js';
import { CHUNK_BYTES, type ManifestFile } from '../../formats/manifest.js';
import type { MirrorProgress } from './mirror-progress.js';
import { createFileIntake, type FileIntake, KNOWN_DIGESTS, type StoredFile } from './store-file.js';

export interface MirrorFileOptions {
  readonly repository: RepositoryAdapter;
  readonly datasetId: DatasetId;
  readonly localId: string;
  readonly swarm: Swarm;
  /** Where the chunks go. */
  readonly target: PeerConnection;
  readonly progress: MirrorProgress;
  /** Told how many bytes of a file are in the swarm, those that an earlier run brought included. */
  readonly noteDone: (path: string, bytes: number) => void;
  /** Waits before another try. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Chunks that are on the peer's disk before progress is noted. */
const CHUNKS_PER_STEP = 32;
/** How often a source that breaks off is asked again, each time from where it broke. */
const MAX_TRIES = 4;
/** Wait before the first new try, in milliseconds; doubled each time, unless the source names one. */
const FIRST_WAIT_MS = 250;
/** Longest wait that a source may ask for before the job gives up, in milliseconds. */
const MAX_WAIT_MS = 60_000;

/**
 * Brings one file of a repository into the swarm and checks it against what its source states.
 * @throws CHECKSUM_MISMATCH naming file and digest; what the source throws, once it failed too often
 */
export async function mirrorFile(options: MirrorFileOptions, file: FileRecord, call: Call): Promise<ManifestFile> {
  for (let tries = 1; ; tries++) {
    try {
      const stored = await transfer(options, file, call);
      verifyAgainstSource(options.datasetId, file, stored);
      return createManifestFile(file, stored);
    } catch (thrown) {
      const error = describeFailure(options.datasetId, file, thrown);
      // What hashes wrongly must not be taken for held when the source has been put right.
      if (error.code === 'CHECKSUM_MISMATCH') await options.progress.clearFile(options.datasetId, file);
      const waitMs = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (tries - 1);
      if (!isWorthRetrying(error) || tries === MAX_TRIES || waitMs > MAX_WAIT_MS || call.signal.aborted) throw error;
      call.log.warn({ error, path: file.path, waitMs }, 'A source broke off; it will be asked again');
      await options.wait(waitMs, call.signal);
    }
  }
}

async function transfer(options: MirrorFileOptions, file: FileRecord, call: Call): Promise<StoredFile> {
  const { repository, datasetId, localId, target, progress } = options;
  const intake = createFileIntake(
    file.checksums.map(({ algorithm }) => algorithm),
    file.sizeBytes ?? undefined,
  );
  await skipHeld(options, file, intake, call);
  const isComplete = file.sizeBytes !== null && intake.sizeBytes === file.sizeBytes && intake.sizeBytes > 0;
  if (!isComplete) {
    const bytes = await repository.openFile(localId, file.path, { offset: intake.sizeBytes }, call);
    const chunks = intake.cut(bytes);
    try {
      for (let over = false; !over; ) {
        const start = intake.chunkIds.length;
        const step = takeStep(chunks, () => {
          over = true;
        });
        await target.writeChunks(step, call);
        assertActive(call);
        if (intake.chunkIds.length === start) continue;
        await progress.append(datasetId, file, start, intake.chunkIds.slice(start));
        options.noteDone(file.path, intake.sizeBytes);
      }
    } finally {
      await chunks.return(undefined);
    }
  }
  return intake.end();
}

/** The next chunks, without ending the file's stream when the step is over. */
async function* takeStep<Chunk>(chunks: AsyncGenerator<Chunk>, end: () => void): AsyncGenerator<Chunk> {
  for (let taken = 0; taken < CHUNKS_PER_STEP; taken++) {
    const next = await chunks.next();
    if (next.done) {
      end();
      return;
    }
    yield next.value;
  }
}

/**
 * Chunks that an earlier run brought are read back from the swarm, where they only have to be hashed again, as far as the
 * peer still holds them and the source can go on from there.
 */
async function skipHeld(options: MirrorFileOptions, file: FileRecord, intake: FileIntake, call: Call): Promise<void> {
  const { repository, datasetId, target, progress, swarm } = options;
  const known = progress.readChunkIds(datasetId, file);
  if (known.length === 0) return;
  const held = await target.hasChunks(known, call);
  const gap = held.indexOf(false);
  const prefix = gap < 0 ? known : known.slice(0, gap);
  const coversFile = file.sizeBytes !== null && prefix.length === Math.ceil(file.sizeBytes / CHUNK_BYTES);
  if (!coversFile && !repository.supports.ranges) return;
  for await (const chunk of swarm.readChunks(trimToWhole(prefix, file), await swarm.listPeers(call), call)) {
    // A short chunk is a file's last; when the size is unknown, the source must say whether there is more.
    if (chunk.bytes.length < CHUNK_BYTES && !coversFile) break;
    intake.skip(chunk);
  }
  options.noteDone(file.path, intake.sizeBytes);
}

/** More chunks than the file can have mean that what is known is of another file. */
const trimToWhole = (chunkIds: readonly ChunkId[], file: FileRecord): readonly ChunkId[] =>
  file.sizeBytes === null ? chunkIds : chunkIds.slice(0, Math.ceil(file.sizeBytes / CHUNK_BYTES));

/** Wrong bytes and a full disk want somebody who looks into it. */
export const isWorthRetrying = ({ retryable, code }: SciclomaticError): boolean =>
  retryable && code !== 'CHECKSUM_MISMATCH' && code !== 'STORAGE_FULL';

/** The file is named, and a source that gives more bytes than it states is one whose bytes are not the file. */
function describeFailure(datasetId: DatasetId, file: FileRecord, thrown: unknown): SciclomaticError {
  const error = SciclomaticError.from(thrown);
  return error.code === 'REQUEST_TOO_LARGE'
    ? mismatch(datasetId, file, `more bytes came than the ${file.sizeBytes} that the source states`)
    : error;
}

function mismatch(datasetId: DatasetId, file: FileRecord, problem: string): SciclomaticError {
  return new SciclomaticError('CHECKSUM_MISMATCH', `File ${JSON.stringify(file.path)} of ${datasetId}: ${problem}`, {
    source: datasetId.slice(0, datasetId.indexOf(':')),
  });
}

function verifyAgainstSource(datasetId: DatasetId, file: FileRecord, stored: StoredFile): void {
  const refuse = (problem: string) => mismatch(datasetId, file, problem);
  if (file.sizeBytes !== null && stored.sizeBytes !== file.sizeBytes) {
    throw refuse(`${stored.sizeBytes} bytes came, the source states ${file.sizeBytes}`);
  }
  for (const { algorithm, value } of file.checksums) {
    const actual = stored.digests[algorithm];
    if (actual !== undefined && actual !== value.toLowerCase()) {
      throw refuse(`its ${algorithm} is ${actual}, the source states ${value}`);
    }
  }
}

function createManifestFile(file: FileRecord, stored: StoredFile): ManifestFile {
  const { path, mediaType, lastModified } = file;
  return {
    path,
    sizeBytes: stored.sizeBytes,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(lastModified === undefined ? {} : { lastModified }),
    checksums: [
      ...file.checksums.map(stateAsSource),
      { algorithm: 'sha256', value: stored.digests.sha256 ?? '', origin: 'SWARM' },
    ],
    chunkIds: stored.chunkIds,
  };
}

/** What a source passes on of others' digests is still only what the source states. */
export const stateAsSource = ({ algorithm, value }: Checksum): Checksum => ({
  algorithm,
  value: KNOWN_DIGESTS.includes(algorithm) ? value.toLowerCase() : value,
  origin: 'SOURCE',
});

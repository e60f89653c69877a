import type { Ledger } from '../../adapters/ledger/contract.js';
import type { Call } from '../../core/call.js';
import { assertPageSize, decodeCursor, encodeCursor } from '../../core/cursor.js';
import { SciclomaticError } from '../../core/errors.js';
import { parseDatasetId, splitDatasetId } from '../../core/ids.js';
import { parseProvenanceEntry } from '../../formats/provenance-entry.js';
import { parseCheckpoint } from '../../formats/tlog/checkpoint.js';
import { parseNote } from '../../formats/tlog/signed-note.js';
import { formatTlogProof } from '../../formats/tlog/tlog-proof.js';
import type { ProvenanceRecordParent } from './parents.js';
import type { ProvenanceIndex } from './provenance-index.js';

export interface RecordPage {
  readonly totalCount: number;
  readonly nodes: readonly ProvenanceRecordParent[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface LogState {
  readonly origin: string;
  readonly size: number;
  readonly checkpoint: string;
  readonly verifierKey: string;
}

/** Name in the cursors of a dataset's records. */
const RECORDS_LIST = 'provenance-records';

/** Answers questions about the log from the log; the index only says where to look. */
export class LogReader {
  readonly #ledger: Ledger;
  readonly #index: ProvenanceIndex;
  readonly #verifierKey: string;

  constructor(ledger: Ledger, index: ProvenanceIndex, verifierKey: string) {
    this.#ledger = ledger;
    this.#index = index;
    this.#verifierKey = verifierKey;
  }

  get origin(): string {
    return this.#ledger.origin;
  }

  async readState(call: Call): Promise<LogState> {
    const checkpoint = await this.#ledger.readCheckpoint(call);
    const { size } = parseCheckpoint(parseNote(checkpoint).text);
    return { origin: this.origin, size, checkpoint, verifierKey: this.#verifierKey };
  }

  /** The records at these places, in order; undefined past the end and where no provenance entry is. */
  async readRecords(entryIndexes: readonly number[], call: Call): Promise<(ProvenanceRecordParent | undefined)[]> {
    const size = await this.#ledger.readSize(call);
    const entries = new Map<number, Uint8Array>();
    await Promise.all(
      listRuns(entryIndexes.filter((entryIndex) => entryIndex < size)).map(async ({ start, end }) => {
        const read = await this.#ledger.readEntries(start, end, call);
        for (const [position, bytes] of read.entries()) entries.set(start + position, bytes);
      }),
    );
    return entryIndexes.map((entryIndex) => readRecord(entryIndex, entries.get(entryIndex)));
  }

  /** Proof texts over one and the same checkpoint, in order. @throws NOT_FOUND past the end */
  async readProofs(entryIndexes: readonly number[], call: Call): Promise<string[]> {
    const checkpoint = await this.#ledger.readCheckpoint(call);
    const { size } = parseCheckpoint(parseNote(checkpoint).text);
    return Promise.all(
      entryIndexes.map(async (index) =>
        formatTlogProof({ index, path: await this.#ledger.proveInclusion(index, size, call), checkpoint }),
      ),
    );
  }

  /** @throws MALFORMED_ID, LIMIT_EXCEEDED, BAD_CURSOR */
  async readPage(datasetId: string, first: number, after: string | undefined, call: Call): Promise<RecordPage> {
    assertPageSize(first);
    const dataset = parseDatasetId(datasetId);
    const before = after === undefined ? undefined : parsePosition(decodeCursor(RECORDS_LIST, after));
    await this.#index.catchUp(call);
    for (const rebuilt of [false, true]) {
      const places = this.#index.readPlaces(dataset, first, before);
      const records = await this.readRecords(places.entryIndexes, call);
      const nodes = records.filter((record) => record !== undefined).filter((record) => isAbout(record, datasetId));
      if (nodes.length === places.entryIndexes.length) {
        const last = places.entryIndexes.at(-1);
        const endCursor = last === undefined ? null : encodeCursor(RECORDS_LIST, String(last));
        const { totalCount, hasNextPage } = places;
        return { totalCount, nodes, pageInfo: { hasNextPage, endCursor } };
      }
      if (!rebuilt) {
        call.log.warn({ datasetId }, 'The provenance index contradicts the log; it is built anew');
        await this.#index.rebuild(call);
      }
    }
    throw new SciclomaticError('DATA_CORRUPT', 'The provenance index contradicts the log, even newly built');
  }
}

function readRecord(entryIndex: number, bytes: Uint8Array | undefined): ProvenanceRecordParent | undefined {
  if (bytes === undefined) return undefined;
  try {
    return { entryIndex, bytes, entry: parseProvenanceEntry(bytes).entry };
  } catch {
    // Whoever wrote it, it is no provenance record.
    return undefined;
  }
}

function isAbout({ entry }: ProvenanceRecordParent, datasetId: string): boolean {
  if (entry.activity !== 'HARVEST') return entry.entity === datasetId;
  return entry.entity === splitDatasetId(parseDatasetId(datasetId)).repository;
}

function parsePosition(position: string): number {
  const parsed = Number(position);
  if (!/^\d{1,16}$/.test(position) || !Number.isSafeInteger(parsed)) {
    throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by this list');
  }
  return parsed;
}

/** Longest gap read over, in entries, rather than ask the log once more. */
const MAX_GAP_ENTRIES = 16;

/** Ranges that cover the places with few reads. */
function listRuns(entryIndexes: readonly number[]): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (const entryIndex of [...new Set(entryIndexes)].sort((left, right) => left - right)) {
    const last = runs.at(-1);
    if (last !== undefined && entryIndex - last.end <= MAX_GAP_ENTRIES) last.end = entryIndex + 1;
    else runs.push({ start: entryIndex, end: entryIndex + 1 });
  }
  return runs;
}

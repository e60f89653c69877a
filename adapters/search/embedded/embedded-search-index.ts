import { createHash, randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { open } from 'lmdb';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { DatasetId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { FACET_FIELDS, type IndexChange, type SearchIndex } from '../contract.js';
import { createDictionaries, listFacetValues } from '../facet-values.js';
import { isReadable, verifyReadable } from '../generation-age.js';
import { parseSearchCursor } from '../search-cursor.js';
import { createHitMaker } from '../search-hit.js';
import { verifySearchRequest } from '../search-request.js';
import { SEARCHED_FIELDS } from '../searched-fields.js';
import { decodeRecord, encodeRecord } from '../stored-record.js';
import { evaluateSearch, type Generation } from './evaluate-search.js';
import { chooseMerge, mergeSegments } from './merge-segments.js';
import { createPostingsBuilder } from './postings.js';
import { findLiving, openSegment, readDocument, type Segment, type SegmentDocument, writeSegment } from './segment.js';

/** Records analysed between two looks at the event loop. */
const RECORDS_PER_TURN = 64;
/** Ids read at once by listIds. */
const IDS_PER_TURN = 1000;
/** Layout of the folder and analysis of text; an index of another number must be made anew. */
const FORMAT = 1;

/** What makes a change visible when it is committed: which segments there are. */
interface State {
  readonly format: number;
  /** Random name of this index, so that relevance cursors of another one are known. */
  readonly origin: string;
  /** Changes and merges so far: another number than expected tells of another writer. */
  readonly commits: number;
  readonly segments: readonly number[];
  /** Those whose cursors hold, oldest first; the last is the present one. */
  readonly generations: readonly [...Generation[], Generation];
}

type Place = { readonly segment: Segment; readonly document: number };

/**
 * A text index for one machine: segments of postings and columns in files, what is visible of them in LMDB. Memory is
 * about 300 bytes a record, disk about 1.7 times the records as JSON. Changes are serialised; searches run in between
 * and see whole changes only. Of two upserts of one id in a change the last one stays; an upsert outdoes a deletion.
 * @param options.dir folder of the index, made when absent; one process at a time uses it
 * @param options.now milliseconds since the epoch; ages relevance cursors
 * @throws DATA_CORRUPT when the folder holds something else
 */
export async function createEmbeddedSearchIndex(options: { dir: string; now?: () => number }): Promise<SearchIndex> {
  const { dir, now = Date.now } = options;
  mkdirSync(dir, { recursive: true });
  // Without overlappingSync a transaction returns after fsync, which is what apply promises.
  const root = open({ path: join(dir, 'state.mdb'), noSubdir: true, overlappingSync: false, encoding: 'json' });
  const states = root.openDB<State, string>({ name: 'state', encoding: 'json' });
  /** By segment and document: the generation in which it died. */
  const deathRows = root.openDB<number, [number, number]>({ name: 'deaths', encoding: 'json' });

  let state = states.get('state') ?? createState();
  if (state.format !== FORMAT)
    throw new SciclomaticError('DATA_CORRUPT', `The search index in ${dir} has format ${state.format}, not ${FORMAT}`);
  const dictionaries = createDictionaries();
  let segments: readonly Segment[] = [];
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const pathOf = (id: number): string => join(dir, `segment-${id}`);
  const present = (): Generation => state.generations[state.generations.length - 1] as Generation;

  const loadSegments = (ids: readonly number[]): void => {
    const known = new Map(segments.map((segment) => [segment.id, segment]));
    let base = 0;
    segments = ids.map((id) => {
      const segment = known.get(id) ?? openSegment(pathOf(id), id, dictionaries);
      if (!known.delete(id))
        for (const { key, value } of deathRows.getRange({ start: [id, 0], end: [id + 1, 0] }))
          segment.died[key[1]] = value;
      segment.base = base;
      base += segment.ids.length;
      return segment;
    });
    for (const unused of known.values()) unused.close();
  };

  const commit = (changed: Pick<State, 'segments' | 'generations'>, write: () => void): void => {
    const next = { ...state, ...changed, commits: state.commits + 1 };
    root.transactionSync(() => {
      if ((states.get('state')?.commits ?? 0) !== state.commits)
        throw new SciclomaticError('CONFLICT', `Another process writes to the search index in ${dir}`);
      write();
      states.putSync('state', next);
    });
    state = next;
    loadSegments(state.segments);
    removeUnusedFiles(dir, state.segments);
  };

  const findDocument = (id: string): Place | undefined => {
    for (const segment of segments) {
      const document = findLiving(segment, id);
      if (document >= 0) return { segment, document };
    }
    return undefined;
  };

  /** Leaves out what would change nothing, so that a repeated harvest costs no writes and ends no generation. */
  const applyChange = async ({ upserts, deletes }: IndexChange, call: Call): Promise<void> => {
    assertUsable(call);
    const records = new Map<string, DatasetRecord>(upserts.map((record) => [record.id, record]));
    const deaths: Place[] = [];
    for (const id of new Set(deletes)) {
      const place = records.has(id) ? undefined : findDocument(id);
      if (place !== undefined) deaths.push(place);
    }
    const documents: SegmentDocument[] = [];
    const postings = createPostingsBuilder();
    const before = present();
    const born = before.number + 1;
    const lengths = [...before.lengths];
    let seen = 0;
    for (const record of records.values()) {
      if (++seen % RECORDS_PER_TURN === 0) await yieldToOthers();
      const stored = encodeRecord(record);
      const hash = createHash('sha256').update(stored).digest().readBigUInt64LE();
      const place = findDocument(record.id);
      if (place?.segment.hashes[place.document] === hash) continue;
      if (place !== undefined) deaths.push(place);
      const terms = postings.addDocument(SEARCHED_FIELDS.map((field) => field.listTexts(record)));
      for (const [field, length] of terms.entries()) (lengths[field] as number) += length;
      const facetValues = FACET_FIELDS.map((field) => listFacetValues(record, field));
      documents.push({ id: record.id, hash, born, lengths: terms, facetValues, readStored: () => stored });
    }
    if (documents.length === 0 && deaths.length === 0) return;
    assertActive(call);
    for (const { segment, document } of deaths)
      for (const [field, length] of readDocument(segment, document).lengths.entries())
        (lengths[field] as number) -= length;
    const added = documents.length === 0 ? [] : [createSegmentId()];
    for (const id of added) await writeSegment(pathOf(id), documents, postings.list());
    const superseded = { ...before, supersededAtMs: now() };
    const readable = [...state.generations.slice(0, -1), superseded].filter((one) => isReadable(one, now()));
    const count = before.count + documents.length - deaths.length;
    const generations = [...readable, { number: born, count, lengths, supersededAtMs: null }] as const;
    commit({ segments: [...state.segments, ...added], generations: [...generations] as State['generations'] }, () => {
      for (const { segment, document } of deaths) deathRows.putSync([segment.id, document], born);
    });
    for (const { segment, document } of deaths) segment.died[document] = born;
  };

  /** Merges segments until they are in good order. */
  const tidy = async (call: Call): Promise<void> => {
    while (!isClosed) {
      const oldest = state.generations.find((one) => isReadable(one, now()))?.number ?? 0;
      const chosen = chooseMerge(segments, oldest);
      if (chosen === undefined) return;
      const id = createSegmentId();
      const deaths = await mergeSegments(pathOf(id), chosen, oldest);
      const gone = new Set(chosen.map((segment) => segment.id));
      const kept = state.segments.filter((segment) => !gone.has(segment));
      commit({ ...state, segments: deaths === undefined ? kept : [...kept, id] }, () => {
        for (const { document, generation } of deaths ?? []) deathRows.putSync([id, document], generation);
        for (const segment of gone)
          for (const key of [...deathRows.getKeys({ start: [segment, 0], end: [segment + 1, 0] })])
            deathRows.removeSync(key);
      });
      call.log.debug({ merged: chosen.length, segments: segments.length }, 'merged search segments');
    }
  };

  const assertUsable = (call: Call): void => {
    if (isClosed) throw new SciclomaticError('NOT_READY', 'The search index is closed');
    assertActive(call);
  };
  /** Names a generation among those of all indexes. */
  const tag = (generation: number): string => `${state.origin}/${generation}`;
  const searched = (generation = present()) => ({ segments, dictionaries, generation });
  const readRecord = ({ segment, document }: Place): DatasetRecord =>
    decodeRecord(readDocument(segment, document).readStored());

  removeUnusedFiles(dir, state.segments);
  loadSegments(state.segments);

  return {
    supports: { persistent: true, highlights: true },

    async apply(change, call) {
      const applied = queue.then(() => applyChange(change, call));
      // A failed merge loses nothing: the next change tries it again.
      queue = applied
        .then(() => tidy(call))
        .catch((error: unknown) => call.log.warn({ error }, 'search index not changed'));
      await applied;
    },

    async search(request, call) {
      assertUsable(call);
      const terms = verifySearchRequest(request);
      const after = request.after === undefined ? undefined : parseSearchCursor(request, request.after);
      const isOf = ({ number }: Generation): boolean => after?.sort === 'RELEVANCE' && after.generation === tag(number);
      const generation = after?.sort === 'RELEVANCE' ? verifyReadable(state.generations.find(isOf), now()) : present();
      const { page, ...counts } = evaluateSearch(searched(generation), request, terms, after);
      const createHit = createHitMaker(request, terms, tag(generation.number));
      return { ...counts, hits: page.map((found) => createHit(readRecord(found), found.score)) };
    },

    async readDatasets(ids, call) {
      assertUsable(call);
      return ids.map((id) => {
        const place = findDocument(id);
        return place && readRecord(place);
      });
    },

    async countByRepository(call) {
      assertUsable(call);
      const facets = [{ field: 'repository', size: Number.MAX_SAFE_INTEGER }] as const;
      const [facet] = evaluateSearch(searched(), { filter: {}, sort: 'ID', first: 0, facets }, []).facets;
      return new Map(facet?.buckets.map(({ value, count }) => [value, count]));
    },

    async *listIds(repository, call) {
      const request = { filter: { repository: [repository] }, sort: 'ID', first: IDS_PER_TURN, facets: [] } as const;
      let after: { sort: 'ID'; id: string } | undefined;
      for (;;) {
        assertUsable(call);
        const { page, hasNextPage } = evaluateSearch(searched(), request, [], after);
        for (const { segment, document } of page) {
          after = { sort: 'ID', id: segment.ids[document] as string };
          yield after.id as DatasetId;
        }
        if (!hasNextPage) return;
      }
    },

    async close() {
      isClosed = true;
      await queue;
      loadSegments([]);
      await root.close();
    },
  };
}

function createState(): State {
  const first: Generation = { number: 0, count: 0, lengths: SEARCHED_FIELDS.map(() => 0), supersededAtMs: null };
  return { format: FORMAT, origin: randomUUID(), commits: 0, segments: [], generations: [first] };
}

/** Not a running number, so that a second writer, who is refused only at the end, overwrites nothing. */
const createSegmentId = (): number => randomInt(2 ** 47);

/** Removes files that no state names: merged away, or of a change or a merge that was cut. */
function removeUnusedFiles(dir: string, segments: readonly number[]): void {
  const used = new Set(segments.map((id) => `segment-${id}`));
  for (const name of readdirSync(dir)) if (name.startsWith('segment-') && !used.has(name)) rmSync(join(dir, name));
}

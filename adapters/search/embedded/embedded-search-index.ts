import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { open } from 'lmdb';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { DatasetId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import {
  FACET_FIELDS,
  type IndexChange,
  RELEVANCE_CURSOR_LIFETIME_MS,
  type SearchIndex,
  type SearchRequest,
} from '../contract.js';
import { listFacetValues } from '../facet-values.js';
import { parseSearchCursor } from '../search-cursor.js';
import { createHitMaker } from '../search-hit.js';
import { verifySearchRequest } from '../search-request.js';
import { SEARCHED_FIELDS } from '../searched-fields.js';
import { evaluateSearch, type Generation } from './evaluate-search.js';
import { chooseMerge, mergeSegments } from './merge-segments.js';
import { createPostingsBuilder } from './postings.js';
import {
  createDictionaries,
  decodeRecord,
  encodeRecord,
  findLiving,
  type NewDocument,
  openSegment,
  readLengths,
  readStored,
  type Segment,
  writeSegment,
} from './segment.js';

/** Records analysed between two looks at the event loop. */
const RECORDS_PER_TURN = 64;
/** Ids read at once by listIds. */
const IDS_PER_TURN = 1000;
/** Layout of the folder and analysis of text; an index of another number must be made anew. */
const FORMAT = 1;

export interface EmbeddedSearchOptions {
  /** Folder of the index, made when absent. One process at a time writes to it. */
  readonly dir: string;
  /** Milliseconds since the epoch; ages relevance cursors. */
  readonly now?: () => number;
}

/** What makes a change visible when it is committed: which segments there are. */
interface State {
  readonly format: number;
  /** Random name of this index, so that relevance cursors of another one are known. */
  readonly origin: string;
  readonly nextSegment: number;
  readonly segments: readonly number[];
}

/** A place in a segment, and the generation in which the document there died. */
type DeathKey = [segment: number, document: number];

interface Place {
  readonly segment: Segment;
  readonly document: number;
}

/**
 * A text index for one machine: segments of postings and columns in files, what is visible of them in LMDB. Memory is
 * about 300 bytes a record, disk about 1.3 times the records as JSON. Changes are serialised; searches run in between
 * and see whole changes only. Of two upserts of one id in a change the last one stays; an upsert outdoes a deletion.
 * @throws DATA_CORRUPT when the folder holds something else
 */
export async function createEmbeddedSearchIndex(options: EmbeddedSearchOptions): Promise<SearchIndex> {
  const { dir, now = Date.now } = options;
  mkdirSync(dir, { recursive: true });
  // Without overlappingSync a transaction returns after fsync, which is what apply promises.
  const root = open({ path: join(dir, 'state.mdb'), noSubdir: true, overlappingSync: false, encoding: 'json' });
  const states = root.openDB<State, string>({ name: 'state', encoding: 'json' });
  const generationRows = root.openDB<Generation, number>({ name: 'generations', encoding: 'json' });
  const deathRows = root.openDB<number, DeathKey>({ name: 'deaths', encoding: 'json' });

  let state = states.get('state') ?? { format: FORMAT, origin: randomUUID(), nextSegment: 0, segments: [] };
  if (state.format !== FORMAT)
    throw new SciclomaticError('DATA_CORRUPT', `The search index in ${dir} has format ${state.format}, not ${FORMAT}`);
  const generations = new Map(generationRows.getRange().map(({ key, value }) => [key, value] as const));
  let present = [...generations.values()].at(-1) ?? { number: 0, count: 0, lengths: [], supersededAtMs: null };
  const dictionaries = createDictionaries();
  let segments: readonly Segment[] = [];
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const pathOf = (id: number): string => join(dir, `segment-${id}`);
  const isReadable = ({ supersededAtMs }: Generation): boolean =>
    supersededAtMs === null || now() <= supersededAtMs + RELEVANCE_CURSOR_LIFETIME_MS;

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

  /** Removes files that no state names: of a change or a merge that was cut, or merged away. */
  const removeUnusedFiles = (): void => {
    const used = new Set(state.segments.map((id) => `segment-${id}`));
    for (const name of readdirSync(dir)) if (name.startsWith('segment-') && !used.has(name)) rmSync(join(dir, name));
  };

  const commit = (segmentIds: readonly number[], write: () => void): void => {
    const next = { ...state, nextSegment: state.nextSegment + 1, segments: segmentIds };
    root.transactionSync(() => {
      if ((states.get('state')?.nextSegment ?? 0) !== state.nextSegment)
        throw new SciclomaticError('CONFLICT', `Another process writes to the search index in ${dir}`);
      write();
      states.putSync('state', next);
    });
    state = next;
  };

  const findDocument = (id: string): Place | undefined => {
    for (const segment of segments) {
      const document = findLiving(segment, id);
      if (document >= 0) return { segment, document };
    }
    return undefined;
  };

  const readGeneration = (tag: string): Generation => {
    const [origin, number] = tag.split('/');
    const generation = Number(number) === present.number ? present : generations.get(Number(number));
    if (origin !== state.origin || generation === undefined || !isReadable(generation))
      throw new SciclomaticError('CURSOR_EXPIRED', 'The generation of this cursor is gone; start from the first page');
    return generation;
  };

  /** Leaves out what would change nothing, so that a repeated harvest costs no writes and ends no generation. */
  const applyChange = async ({ upserts, deletes }: IndexChange, call: Call): Promise<void> => {
    assertUsable(call);
    const records = new Map<string, DatasetRecord>(upserts.map((record) => [record.id, record]));
    const deaths: Place[] = [];
    const kill = (place: Place | undefined): void => void (place && deaths.push(place));
    for (const id of new Set(deletes)) if (!records.has(id)) kill(findDocument(id));
    const documents: NewDocument[] = [];
    const postings = createPostingsBuilder();
    const lengths = SEARCHED_FIELDS.map((_, field) => present.lengths[field] ?? 0);
    let seen = 0;
    for (const record of records.values()) {
      if (++seen % RECORDS_PER_TURN === 0) await yieldToOthers();
      const stored = encodeRecord(record);
      const hash = createHash('sha256').update(stored).digest().readBigUInt64LE();
      const place = findDocument(record.id);
      if (place?.segment.hashes[place.document] === hash) continue;
      kill(place);
      const terms = postings.addDocument(SEARCHED_FIELDS.map((field) => field.listTexts(record)));
      for (const [field, length] of terms.entries()) (lengths[field] as number) += length;
      const facetValues = FACET_FIELDS.map((field) => listFacetValues(record, field));
      const born = present.number + 1;
      documents.push({ id: record.id, hash, born, lengths: terms, facetValues, stored: () => stored });
    }
    if (documents.length === 0 && deaths.length === 0) return;
    assertActive(call);
    for (const { segment, document } of deaths)
      for (const [field, length] of readLengths(segment, document).entries()) (lengths[field] as number) -= length;
    const added = documents.length === 0 ? [] : [state.nextSegment];
    for (const id of added) await writeSegment(pathOf(id), documents, postings.list());
    const superseded = { ...present, supersededAtMs: now() };
    const count = present.count + documents.length - deaths.length;
    const next: Generation = { number: present.number + 1, count, lengths, supersededAtMs: null };
    const expired = [...generations.values()].filter((generation) => !isReadable(generation));
    commit([...state.segments, ...added], () => {
      for (const { segment, document } of deaths) deathRows.putSync([segment.id, document], next.number);
      for (const { number } of expired) generationRows.removeSync(number);
      for (const generation of [superseded, next]) generationRows.putSync(generation.number, generation);
    });
    for (const { segment, document } of deaths) segment.died[document] = next.number;
    for (const { number } of expired) generations.delete(number);
    for (const generation of [superseded, next]) generations.set(generation.number, generation);
    present = next;
    loadSegments(state.segments);
  };

  /** Merges segments until they are in good order. */
  const tidy = async (call: Call): Promise<void> => {
    while (!isClosed) {
      const oldest = Math.min(...[...generations.values()].filter(isReadable).map(({ number }) => number));
      const chosen = chooseMerge(segments, oldest);
      if (chosen === undefined) return;
      const id = state.nextSegment;
      const deaths = await mergeSegments(pathOf(id), chosen, oldest);
      const gone = new Set(chosen.map((segment) => segment.id));
      const kept = state.segments.filter((segment) => !gone.has(segment));
      commit(deaths === undefined ? kept : [...kept, id], () => {
        for (const { document, generation } of deaths ?? []) deathRows.putSync([id, document], generation);
        for (const segment of gone)
          for (const key of [...deathRows.getKeys({ start: [segment, 0], end: [segment + 1, 0] })])
            deathRows.removeSync(key);
      });
      loadSegments(state.segments);
      removeUnusedFiles();
      call.log.debug({ merged: chosen.length, segments: segments.length }, 'merged search segments');
    }
  };

  const assertUsable = (call: Call): void => {
    if (isClosed) throw new SciclomaticError('NOT_READY', 'The search index is closed');
    assertActive(call);
  };
  const searched = (generation = present) => ({ segments, dictionaries, generation });
  const readRecord = ({ segment, document }: Place): DatasetRecord => decodeRecord(readStored(segment, document));

  removeUnusedFiles();
  loadSegments(state.segments);

  return {
    supports: { persistent: true, highlights: true },

    async apply(change, call) {
      const applied = queue.then(() => applyChange(change, call));
      // A failed change or merge leaves files that nothing names; the next merge removes them.
      queue = applied
        .then(() => tidy(call))
        .catch((error: unknown) => call.log.warn({ error }, 'search index change failed'));
      await applied.catch((error: unknown) => {
        throw SciclomaticError.from(error);
      });
    },

    async search(request: SearchRequest, call) {
      assertUsable(call);
      const terms = verifySearchRequest(request);
      const after = request.after === undefined ? undefined : parseSearchCursor(request, request.after);
      const generation = after?.sort === 'RELEVANCE' ? readGeneration(after.generation) : present;
      const { page, ...counts } = evaluateSearch(searched(generation), request, terms, after);
      const createHit = createHitMaker(request, terms, `${state.origin}/${generation.number}`);
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

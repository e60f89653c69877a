import { createHash, randomInt, randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { open } from 'lmdb';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { DatasetId } from '../../../core/ids.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { createTermCollector, hashTerm } from '../collect-terms.js';
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
import {
  createColumnsBuilder,
  findLiving,
  openSegment,
  openSegmentFile,
  readDocument,
  type Segment,
  type SegmentContent,
  writeSegment,
} from './segment.js';

/** Records analysed between two looks at the event loop. */
const RECORDS_PER_TURN = 64;
/** Ids read at once by listIds. */
const IDS_PER_TURN = 1000;
/** Layout of the folder and analysis of text; an index of another number must be made anew. */
const FORMAT = 2;

/** What makes a change visible when it is committed: which segments there are. */
interface State {
  readonly format: number;
  /** Random name of this index, so that relevance cursors of another one are known. */
  readonly origin: string;
  /** Changes and merges so far: another number than expected tells of another writer. */
  readonly commits: number;
  readonly segments: readonly number[];
  /** Those whose cursors hold, oldest first; the last is the present one. */
  readonly generations: readonly Generation[];
}

/** What a commit makes visible. */
interface Change {
  readonly kept: readonly Segment[];
  readonly content: SegmentContent | undefined;
  /** Without a segment: of a document of the content. */
  readonly deaths: readonly { readonly segment?: Segment; readonly document: number; readonly generation: number }[];
  readonly generations: readonly Generation[];
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
  await mkdir(dir, { recursive: true });
  // Without overlappingSync a transaction returns after fsync, which is what apply promises.
  const root = open({ path: join(dir, 'state.mdb'), noSubdir: true, overlappingSync: false, encoding: 'json' });
  const states = root.openDB<State, string>({ name: 'state', encoding: 'json' });
  /** By segment and document: the generation in which it died. */
  const deathRows = root.openDB<number, [number, number]>({ name: 'deaths', encoding: 'json' });

  let state = states.get('state') ?? createState();
  if (state.format !== FORMAT)
    throw new SciclomaticError('DATA_CORRUPT', `${dir} is of another version; without it all is indexed anew`);
  const dictionaries = createDictionaries();
  let segments: readonly Segment[] = [];
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const pathOf = (id: number): string => join(dir, `segment-${id}`);
  const present = (): Generation => state.generations[state.generations.length - 1] as Generation;

  const placeSegments = (next: readonly Segment[]): void => {
    let base = 0;
    for (const segment of next) {
      segment.base = base;
      base += segment.ids.length;
    }
    segments = next;
  };

  /** Makes a change visible: writes its segment, then in one transaction the state that names it. A failed one leaves nothing. */
  const commit = async ({ kept, content, deaths, generations }: Change): Promise<void> => {
    // Not a running number, so that a second writer, who is refused only at the end, overwrites nothing.
    const id = randomInt(2 ** 47);
    const gone = segments.filter((segment) => !kept.includes(segment));
    let added: Segment | undefined;
    try {
      if (content !== undefined) added = openSegment(id, dictionaries, await writeSegment(pathOf(id), content));
      const next = added === undefined ? kept : [...kept, added];
      const changed = { ...state, generations, segments: next.map((one) => one.id), commits: state.commits + 1 };
      root.transactionSync(() => {
        if ((states.get('state')?.commits ?? 0) !== state.commits)
          throw new SciclomaticError('CONFLICT', `Another process writes to the search index in ${dir}`);
        for (const death of deaths) deathRows.putSync([death.segment?.id ?? id, death.document], death.generation);
        for (const { id: old } of gone)
          for (const key of [...deathRows.getKeys({ start: [old, 0], end: [old + 1, 0] })]) deathRows.removeSync(key);
        states.putSync('state', changed);
      });
      state = changed;
      for (const { segment = added, document, generation } of deaths) if (segment) segment.died[document] = generation;
      placeSegments(next);
    } catch (error) {
      added?.close();
      await removeFile(pathOf(id));
      throw translateWriteError(dir, error);
    }
    for (const segment of gone) {
      segment.close();
      await removeFile(pathOf(segment.id));
    }
  };

  const findDocument = (id: string): Place | undefined => {
    const hash = hashTerm(id);
    for (const segment of segments) {
      const document = findLiving(segment, id, hash);
      if (document >= 0) return { segment, document };
    }
    return undefined;
  };

  /** Leaves out what would change nothing, so that a repeated harvest costs no writes and ends no generation. */
  const applyChange = async ({ upserts, deletes }: IndexChange, call: Call): Promise<void> => {
    assertUsable(call);
    const records = new Map<string, DatasetRecord>(upserts.map((record) => [record.id, record]));
    const before = present();
    const born = before.number + 1;
    const lengths = [...before.lengths];
    const deaths: (Place & { generation: number })[] = [];
    const bury = (place: Place | undefined): void => {
      if (place === undefined) return;
      deaths.push({ ...place, generation: born });
      for (const [field, length] of readDocument(place.segment, place.document).lengths.entries())
        (lengths[field] as number) -= length;
    };
    for (const id of new Set(deletes)) if (!records.has(id)) bury(findDocument(id));
    const stored: Uint8Array[] = [];
    const columns = createColumnsBuilder();
    const collected = createTermCollector();
    let seen = 0;
    for (const id of [...records.keys()].sort()) {
      if (++seen % RECORDS_PER_TURN === 0) await yieldToOthers();
      const record = records.get(id) as DatasetRecord;
      const bytes = encodeRecord(record);
      const hash = createHash('sha256').update(bytes).digest().readBigUInt64LE();
      const place = findDocument(id);
      if (place?.segment.hashes[place.document] === hash) continue;
      bury(place);
      const terms = collected.add(record);
      for (const [field, length] of terms.entries()) (lengths[field] as number) += length;
      const facetValues = FACET_FIELDS.map((field) => listFacetValues(record, field));
      columns.add({ id, hash, born, lengths: terms, facetValues });
      stored.push(bytes);
    }
    if (stored.length === 0 && deaths.length === 0) return;
    assertActive(call);
    const superseded = { ...before, supersededAtMs: now() };
    const readable = [...state.generations.slice(0, -1), superseded].filter((one) => isReadable(one, now()));
    const count = before.count + stored.length - deaths.length;
    const content = { documents: columns.build(), stored, terms: collected.list() };
    await commit({
      kept: segments,
      content: stored.length === 0 ? undefined : content,
      deaths,
      generations: [...readable, { number: born, count, lengths, supersededAtMs: null }],
    });
  };

  /** Merges segments until they are in good order. */
  const tidy = async (call: Call): Promise<void> => {
    while (!isClosed) {
      const oldest = state.generations.find((one) => isReadable(one, now()))?.number ?? 0;
      const chosen = chooseMerge(segments, oldest);
      if (chosen === undefined) return;
      const merged = await mergeSegments(chosen, oldest);
      const kept = segments.filter((segment) => !chosen.includes(segment));
      await commit({ kept, ...merged, generations: state.generations });
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
  const readRecord = ({ segment, document }: Place): DatasetRecord => decodeRecord(segment.readPart(document));

  // What no state names is of a change or a merge that was cut.
  const used = new Set(state.segments.map(pathOf));
  for (const name of await readdir(dir))
    if (name.startsWith('segment-') && !used.has(join(dir, name))) await removeFile(join(dir, name));
  placeSegments(state.segments.map((id) => openSegment(id, dictionaries, openSegmentFile(pathOf(id)))));
  for (const { id, died } of segments)
    for (const { key, value } of deathRows.getRange({ start: [id, 0], end: [id + 1, 0] })) died[key[1]] = value;

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
      for (const segment of segments) segment.close();
      await root.close();
    },
  };
}

function createState(): State {
  const first: Generation = { number: 0, count: 0, lengths: SEARCHED_FIELDS.map(() => 0), supersededAtMs: null };
  return { format: FORMAT, origin: randomUUID(), commits: 0, segments: [], generations: [first] };
}

/** A file that cannot be removed now is removed at the next start. */
const removeFile = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined);

/** What a failed write means to the caller; LMDB tells of a full disk in words. */
function translateWriteError(dir: string, error: unknown): SciclomaticError {
  if (error instanceof SciclomaticError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const isFull = /ENOSPC|EDQUOT|no space left|quota exceeded|MDB_MAP_FULL/i.test(reason);
  return isFull
    ? new SciclomaticError('STORAGE_FULL', `No space is left for the search index in ${dir}`, { cause: error })
    : new SciclomaticError('INTERNAL', `The search index in ${dir} cannot be written: ${reason}`, { cause: error });
}

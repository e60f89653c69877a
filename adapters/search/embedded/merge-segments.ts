import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { mergePostings } from './postings.js';
import {
  ALIVE,
  createColumnsBuilder,
  listPostings,
  readDocument,
  type Segment,
  type SegmentContent,
} from './segment.js';

/** Segments of like size that are merged into one: a document is written anew for each power of it. */
const MERGE_WIDTH = 8;
/** A segment of so many living documents is merged no more, which bounds the work, and each step, of one merge. */
const FULL_SEGMENT_DOCUMENTS = 4096;
/** A segment is written anew alone when more than this part of it is dead for good. */
const MAX_DEAD_PART = 1 / 3;
/** Documents looked at between two looks at the event loop. */
const DOCUMENTS_PER_TURN = 512;

/** The segments to merge next, undefined when all is well. `oldest`: number of the oldest generation still searched. */
export function chooseMerge(segments: readonly Segment[], oldest: number): Segment[] | undefined {
  const classes = new Map<number, Segment[]>();
  for (const segment of segments) {
    const living = segment.died.reduce((count, died) => count + Number(died > oldest), 0);
    if (living < segment.died.length * (1 - MAX_DEAD_PART)) return [segment];
    if (living >= FULL_SEGMENT_DOCUMENTS) continue;
    const sizeClass = Math.floor(Math.log2(living) / Math.log2(MERGE_WIDTH));
    const members = [...(classes.get(sizeClass) ?? []), segment];
    if (members.length === MERGE_WIDTH) return members;
    classes.set(sizeClass, members);
  }
  return undefined;
}

/**
 * What a merged segment consists of, without the documents that no generation sees any more, and the deaths of those
 * that only old ones see.
 */
export async function mergeSegments(segments: readonly Segment[], oldest: number) {
  const columns = createColumnsBuilder();
  const kept: { segment: Segment; document: number }[] = [];
  const deaths: { document: number; generation: number }[] = [];
  const sources = segments.map((segment) => ({
    segment,
    next: 0,
    renumbered: new Int32Array(segment.ids.length).fill(-1),
    terms: listPostings(segment),
  }));
  for (let turn = 1; ; turn++) {
    if (turn % DOCUMENTS_PER_TURN === 0) await yieldToOthers();
    let first: (typeof sources)[number] | undefined;
    let firstId = '';
    for (const source of sources) {
      const id = source.segment.ids[source.next];
      if (id !== undefined && (first === undefined || id < firstId)) [first, firstId] = [source, id];
    }
    if (first === undefined) break;
    const { segment, renumbered } = first;
    const document = first.next++;
    const died = segment.died[document] as number;
    if (died <= oldest) continue;
    if (died !== ALIVE) deaths.push({ document: kept.length, generation: died });
    renumbered[document] = kept.length;
    kept.push({ segment, document });
    columns.add(readDocument(segment, document));
  }
  function* listStored(): Generator<Uint8Array> {
    for (const { segment, document } of kept) yield segment.readPart(document);
  }
  const content: SegmentContent = { documents: columns.build(), stored: listStored(), terms: mergePostings(sources) };
  return { content: kept.length === 0 ? undefined : content, deaths };
}

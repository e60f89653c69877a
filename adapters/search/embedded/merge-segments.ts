import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { mergePostings } from './postings.js';
import { ALIVE, listPostings, readDocument, type Segment, type SegmentDocument, writeSegment } from './segment.js';

/** Segments of like size that are merged into one: a document is written anew for each power of it. */
const MERGE_WIDTH = 8;
/** A segment of so many living documents is merged no more, which bounds the work of one merge. */
const FULL_SEGMENT_DOCUMENTS = 16_384;
/** A segment is written anew alone when more than this part of it is dead for good. */
const MAX_DEAD_PART = 1 / 3;
/** Documents copied between two looks at the event loop. */
const DOCUMENTS_PER_TURN = 1024;

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
 * Writes the file of a merged segment, without the documents that no generation sees any more, and returns the deaths
 * of those that only old ones see; undefined when no document was left.
 */
export async function mergeSegments(path: string, segments: readonly Segment[], oldest: number) {
  const documents: SegmentDocument[] = [];
  const deaths: { document: number; generation: number }[] = [];
  const sources = [];
  for (const segment of segments) {
    const renumbered = new Int32Array(segment.died.length).fill(-1);
    for (const [document, died] of segment.died.entries()) {
      if (document % DOCUMENTS_PER_TURN === 0) await yieldToOthers();
      if (died <= oldest) continue;
      if (died !== ALIVE) deaths.push({ document: documents.length, generation: died });
      renumbered[document] = documents.length;
      documents.push(readDocument(segment, document));
    }
    sources.push({ renumbered, entries: listPostings(segment) });
  }
  if (documents.length === 0) return undefined;
  await writeSegment(path, documents, mergePostings(sources));
  return deaths;
}

import { SciclomaticError } from '../../core/errors.js';
import { RELEVANCE_CURSOR_LIFETIME_MS } from './contract.js';

/** One state of an index between two changes. */
export interface AgingGeneration {
  /** When the next one began, milliseconds since the epoch; null = it is the present one. */
  readonly supersededAtMs: number | null;
}

/** Whether relevance cursors of the generation still hold. */
export function isReadable({ supersededAtMs }: AgingGeneration, nowMs: number): boolean {
  return supersededAtMs === null || nowMs <= supersededAtMs + RELEVANCE_CURSOR_LIFETIME_MS;
}

/** The generation, when its cursors still hold. @throws CURSOR_EXPIRED */
export function verifyReadable<Generation extends AgingGeneration>(
  generation: Generation | undefined,
  nowMs: number,
): Generation {
  if (generation !== undefined && isReadable(generation, nowMs)) return generation;
  throw new SciclomaticError('CURSOR_EXPIRED', 'The generation of this cursor is gone; start from the first page');
}

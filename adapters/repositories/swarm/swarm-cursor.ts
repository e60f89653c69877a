import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../../core/cursor.js';
import { SciclomaticError } from '../../../core/errors.js';

/** By peer id: the sequence number of the last manifest seen. Peers number their manifests each for itself. */
export type SwarmPosition = Readonly<Record<string, number>>;

const LIST = 'swarm';
const positionSchema = z.record(z.string().max(64), z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER));

/** Keys are sorted, so that one position has one cursor. */
export function encodeSwarmCursor(position: SwarmPosition): string {
  return encodeCursor(
    LIST,
    JSON.stringify(
      Object.entries(position)
        .filter(([, sequence]) => sequence > 0)
        .sort(([left], [right]) => (left < right ? -1 : 1)),
    ),
  );
}

/** @throws BAD_CURSOR */
export function decodeSwarmCursor(cursor: string): SwarmPosition {
  const text = decodeCursor(LIST, cursor);
  try {
    const entries = z.array(z.tuple([z.string(), z.number()])).parse(JSON.parse(text));
    return positionSchema.parse(Object.fromEntries(entries));
  } catch (error) {
    throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by the swarm', { cause: error });
  }
}

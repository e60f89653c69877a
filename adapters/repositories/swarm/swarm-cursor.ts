import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../../core/cursor.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ListPosition } from '../../swarm/peer-connection.js';

/** By peer id: the last manifest seen. Peers number their manifests each for itself. */
export type SwarmPosition = Readonly<Record<string, ListPosition>>;

const LIST = 'swarm';
const entriesSchema = z.array(
  z.tuple([
    z.string().max(64),
    z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
    // Cursors of before peers told their epoch have none.
    z.string().max(64).default(''),
  ]),
);

/** Keys are sorted, so that one position has one cursor. */
export function encodeSwarmCursor(position: SwarmPosition): string {
  return encodeCursor(
    LIST,
    JSON.stringify(
      Object.entries(position)
        .filter(([, { sequence }]) => sequence > 0)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([peerId, { sequence, epoch }]) => [peerId, sequence, epoch]),
    ),
  );
}

/** @throws BAD_CURSOR */
export function decodeSwarmCursor(cursor: string): SwarmPosition {
  const text = decodeCursor(LIST, cursor);
  try {
    const entries = entriesSchema.parse(JSON.parse(text));
    return Object.fromEntries(entries.map(([peerId, sequence, epoch]) => [peerId, { sequence, epoch }]));
  } catch (error) {
    throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by the swarm', { cause: error });
  }
}

import { z } from 'zod';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** An ISO 8601 instant in UTC, to the nanosecond at most. A day or an hour that does not exist is refused, not counted on. */
export const instantSchema = z.string().refine(isInstant, 'not a UTC instant');

function isInstant(text: string): boolean {
  const atMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March, and 24:00 for the next day.
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().slice(0, 19) === text.slice(0, 19);
}

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../../core/cursor.js';
import { SciclomaticError } from '../../../core/errors.js';

/**
 * Where a harvest stands. Zenodo's lists are in no order of datestamps and a resumption token lives for two minutes, so
 * a list that broke off can only be asked for again from its beginning: harvests go in windows of datestamps that are
 * small enough for that, and remember what they told of the present one.
 */
export interface OaiPosition {
  /** Window, both inclusive, as the source writes datestamps; undefined = from the beginning, to the end. */
  readonly from: string | undefined;
  readonly until: string | undefined;
  /** Continues the list of this window. */
  readonly token: string | undefined;
  /** Server's time of this run's first answer: what changed later may come in the next run only. */
  readonly startedAt: string | undefined;
  /** Newest datestamp told in this run or before. */
  readonly latest: string | undefined;
  /** `<record number>@<datestamp>` of what was told and could come again. */
  readonly told: ReadonlySet<string>;
}

export const OAI_BEGINNING: OaiPosition = {
  from: undefined,
  until: undefined,
  token: undefined,
  startedAt: undefined,
  latest: undefined,
  told: new Set(),
};

/** Told records that a cursor holds; the oldest are forgotten first. About 15 bytes each, packed. */
const MAX_TOLD = 3000;
/** Longest resumption token kept; without it the window is asked for again. */
const MAX_TOKEN_LENGTH = 8192;
const MAX_UNPACKED_BYTES = 1024 * 1024;

const optionalText = z.string().max(MAX_TOKEN_LENGTH).optional();
const positionSchema = z.strictObject({
  from: optionalText,
  until: optionalText,
  token: optionalText,
  startedAt: optionalText,
  latest: optionalText,
  told: z.string(),
});

export function encodePosition(list: string, position: OaiPosition): string {
  const told = [...position.told].slice(-MAX_TOLD).join(' ');
  const token = (position.token?.length ?? 0) > MAX_TOKEN_LENGTH ? undefined : position.token;
  const text = JSON.stringify({ ...position, token, told });
  return encodeCursor(list, deflateRawSync(text, { level: 9 }).toString('base64url'));
}

/** @throws BAD_CURSOR */
export function decodePosition(list: string, cursor: string): OaiPosition {
  const packed = Buffer.from(decodeCursor(list, cursor), 'base64url');
  try {
    const text = inflateRawSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8');
    const { told, ...position } = positionSchema.parse(JSON.parse(text));
    return { ...OAI_BEGINNING, ...position, told: new Set(told === '' ? [] : told.split(' ')) };
  } catch (error) {
    throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by this list', { cause: error });
  }
}

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

/** Milliseconds of a datestamp; the smallest step of its granularity comes with it. */
const parseDatestamp = (datestamp: string) => ({
  at: Date.parse(datestamp),
  stepMs: datestamp.length === 10 ? DAY_MS : SECOND_MS,
});

function formatDatestamp(at: number, stepMs: number): string {
  const instant = new Date(at).toISOString();
  return stepMs === DAY_MS ? instant.slice(0, 10) : `${instant.slice(0, 19)}Z`;
}

/**
 * The same position with a shorter window, in which about `share` of the records are; undefined when the window is one
 * step of the source's granularity and cannot be shorter.
 */
export function shortenWindow(position: OaiPosition, earliest: string, share: number): OaiPosition | undefined {
  const from = position.from ?? earliest;
  const { at, stepMs } = parseDatestamp(from);
  const end = Date.parse(position.until ?? position.startedAt ?? from);
  const steps = Math.floor(Math.floor((end - at) / stepMs + 1) * Math.min(0.5, share));
  if (Number.isNaN(at) || Number.isNaN(end) || end - at < stepMs) return undefined;
  return {
    ...position,
    from,
    until: formatDatestamp(at + (Math.max(1, steps) - 1) * stepMs, stepMs),
    token: undefined,
  };
}

/**
 * The window after a finished one, up to twice as long; undefined when the finished one was the last.
 * @param last end of the last window: the harvest's own limit, or undefined for as far as there are records
 */
export function nextWindow(position: OaiPosition, last: string | undefined): OaiPosition | undefined {
  const { from, until, startedAt } = position;
  if (from === undefined || until === undefined || until === last) return undefined;
  const { at, stepMs } = parseDatestamp(until);
  const start = at + stepMs;
  const end = start + 2 * (start - Date.parse(from)) - stepMs;
  const isLast = end >= Date.parse(last ?? startedAt ?? until);
  return {
    ...position,
    from: formatDatestamp(start, stepMs),
    until: isLast ? last : formatDatestamp(end, stepMs),
    token: undefined,
    told: keepTold(position.told, position.latest),
  };
}

/**
 * Where the next run begins after a finished one: at the newest datestamp told, or at the time when the run began if
 * that is earlier, because what changed during the run may have been passed by.
 */
export function nextRun(position: OaiPosition, last: string | undefined): OaiPosition {
  const { latest, startedAt } = position;
  const began = startedAt !== undefined && latest?.length === 10 ? startedAt.slice(0, 10) : startedAt;
  const from = latest !== undefined && began !== undefined && began < latest ? began : latest;
  // A harvest within whole days stays within whole days: requests must not mix granularities.
  const begin = last?.length === 10 ? from?.slice(0, 10) : from;
  return {
    from: begin ?? position.from,
    until: last,
    token: undefined,
    startedAt: undefined,
    latest,
    told: keepTold(position.told, begin),
  };
}

const keepTold = (told: ReadonlySet<string>, since: string | undefined): ReadonlySet<string> =>
  new Set([...told].filter((one) => since !== undefined && one.slice(one.indexOf('@') + 1) >= since));

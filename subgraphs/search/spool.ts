import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { syncFolder, writeFileDurably } from '../../core/durable-file.js';
import { SciclomaticError } from '../../core/errors.js';
import { type DatasetRecord, parseDatasetRecord } from '../../formats/dataset-record.js';

/**
 * The spool between harvest and ingest: neither waits for the other. A part is a folder with `datasets.ndjson.gz` (one
 * record a line) and, renamed into place last, `complete.json` with counts and SHA-256: that commits it.
 */
const markerSchema = z.strictObject({
  repository: z.string(),
  /** Id of the harvest that this part belongs to. */
  harvestId: z.string(),
  /** Position among the parts of the harvest, from 0. */
  part: z.number().int().nonnegative(),
  /** True for the last part of a harvest. */
  final: z.boolean(),
  /** True when the harvest read everything: what it did not name is gone from the source. */
  full: z.boolean(),
  recordCount: z.number().int().nonnegative(),
  /** SHA-256 of datasets.ndjson.gz, hex. */
  sha256: z.string(),
  /** Local ids withdrawn at the source. */
  deletedLocalIds: z.array(z.string()),
});

export type SpoolMarker = z.infer<typeof markerSchema>;

export interface SpoolPart {
  readonly name: string;
  readonly dir: string;
  readonly marker: SpoolMarker;
}

const MARKER = 'complete.json';
const RECORDS = 'datasets.ndjson.gz';
/** Ends the names of parts that are in the index already. */
const INGESTED = '.ingested';

export class Spool {
  readonly #dir: string;
  /** Parts that are committed and not yet ingested, by name. */
  readonly #waiting = new Map<string, Pick<SpoolMarker, 'repository' | 'full'>>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Writes one part; it is there whole when this resolves, and not at all when it throws. @throws STORAGE_FULL */
  async write(
    records: readonly DatasetRecord[],
    marker: Omit<SpoolMarker, 'recordCount' | 'sha256'>,
  ): Promise<SpoolMarker> {
    const dir = join(this.#dir, partName(marker));
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    try {
      const digest = createHash('sha256');
      const tap = new PassThrough();
      tap.on('data', (bytes: Buffer) => digest.update(bytes));
      const lines = async function* () {
        for (const record of records) yield `${JSON.stringify(record)}\n`;
      };
      await pipeline(lines, createGzip({ level: 1 }), tap, createWriteStream(join(dir, RECORDS), { flush: true }));
      const whole = { ...marker, recordCount: records.length, sha256: digest.digest('hex') };
      // Noted before it is committed: the ingester may be done with it before this returns.
      this.#waiting.set(partName(marker), marker);
      await writeFileDurably(join(dir, MARKER), JSON.stringify(whole));
      await syncFolder(this.#dir);
      return whole;
    } catch (error) {
      this.#waiting.delete(partName(marker));
      await rm(dir, { recursive: true, force: true });
      throw SciclomaticError.from(error);
    }
  }

  /** How many committed parts are not ingested; after a restart, once they were listed. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /**
   * Committed parts in the order of harvests and parts. Folders without a marker are not there yet. For who ingests them
   * alone: a part that is ingested meanwhile would be noted as waiting.
   */
  async list(): Promise<SpoolPart[]> {
    const names = (await readdir(this.#dir).catch(() => [])).filter((name) => !name.endsWith(INGESTED)).sort();
    const parts = await Promise.all(names.map((name) => this.#read(name)));
    const committed = parts.filter((part) => part !== undefined);
    for (const { name, marker } of committed) this.#waiting.set(name, marker);
    return committed;
  }

  /** True while parts of the repository wait to be ingested; after a restart, once the parts were listed. */
  isWaiting(repository: string, only: { full?: boolean } = {}): boolean {
    const parts = [...this.#waiting.values()].filter((part) => part.repository === repository);
    return parts.some(({ full }) => only.full === undefined || full === only.full);
  }

  /** The records of a part, checked against its marker first. @throws DATA_CORRUPT */
  async *readRecords(part: SpoolPart): AsyncGenerator<DatasetRecord> {
    const path = join(part.dir, RECORDS);
    const digest = createHash('sha256');
    for await (const bytes of createReadStream(path)) digest.update(bytes as Buffer);
    if (digest.digest('hex') !== part.marker.sha256)
      throw new SciclomaticError('DATA_CORRUPT', `${path} does not have the SHA-256 of its marker`);
    yield* readLines(createReadStream(path).pipe(createGunzip()), part.marker.repository);
  }

  /** Keeps the part, no longer to be ingested: the last part of its harvest needs to know what all of them named. */
  async markIngested(part: SpoolPart): Promise<void> {
    await rename(part.dir, part.dir + INGESTED);
    this.#waiting.delete(part.name);
    await syncFolder(this.#dir);
  }

  /** Ids that the ingested parts of a harvest named. */
  async readHarvestIds(harvestId: string): Promise<Set<string>> {
    const ids = new Set<string>();
    for (const name of await this.#ingestedOf(new Set([harvestId]))) {
      const part = await this.#read(name);
      if (part) for await (const { id } of this.readRecords(part)) ids.add(id);
    }
    return ids;
  }

  /** Removes the ingested parts of harvests that are over. */
  async removeHarvests(harvestIds: Iterable<string>): Promise<void> {
    for (const name of await this.#ingestedOf(new Set(harvestIds)))
      await rm(join(this.#dir, name), { recursive: true, force: true });
  }

  async #ingestedOf(harvestIds: ReadonlySet<string>): Promise<string[]> {
    const names = await readdir(this.#dir).catch(() => []);
    const isTheirs = (name: string): boolean => harvestIds.has(name.slice(0, name.lastIndexOf('-')));
    return names.filter((name) => name.endsWith(INGESTED) && isTheirs(name)).sort();
  }

  async #read(name: string): Promise<SpoolPart | undefined> {
    const dir = join(this.#dir, name);
    const text = await readFile(join(dir, MARKER), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return { name, dir, marker: markerSchema.parse(JSON.parse(text)) };
    } catch (error) {
      throw new SciclomaticError('DATA_CORRUPT', `${join(dir, MARKER)} is damaged`, { cause: error });
    }
  }
}

const partName = ({ harvestId, part }: { harvestId: string; part: number }): string =>
  `${harvestId}-${String(part).padStart(6, '0')}`;

async function* readLines(stream: Readable, repository: string): AsyncGenerator<DatasetRecord> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') yield parseDatasetRecord(JSON.parse(line), repository);
  }
}

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AdapterDescription, DirectoryState } from '../../adapters/directory.js';
import { writeFileDurably } from '../../core/durable-file.js';
import { SciclomaticError } from '../../core/errors.js';
import { parseAdapterId, parseInstitutionId } from '../../core/ids.js';

/** An adapter and what the registry knows of it. */
export interface AdapterEntry extends AdapterDescription {
  readonly state: DirectoryState;
  /** Why it is SUSPENDED; empty otherwise. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly lastSeenAtMs: number;
}

interface Lease {
  readonly adapterId: string;
  readonly endsAtMs: number;
}

export interface AdapterStoreOptions {
  readonly dir: string;
  /** How long a lease holds without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  readonly now: () => number;
}

const storedSchema = z.array(
  z.strictObject({
    id: z.string(),
    kind: z.enum(['REPOSITORY', 'STORAGE_PEER', 'LEDGER']),
    institution: z.strictObject({ id: z.string(), name: z.string(), publicKey: z.string() }),
    address: z.string(),
    supports: z.array(z.string()),
    name: z.string(),
    description: z.string(),
    lastSeenAtMs: z.number(),
  }),
);

/**
 * Every adapter that ever registered, on disk, and the leases, in memory: after a restart all are SUSPENDED until their
 * next registration, which comes within one lease.
 */
export class AdapterStore {
  readonly #options: AdapterStoreOptions;
  readonly #entries = new Map<string, AdapterEntry>();
  readonly #leases = new Map<string, Lease>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: AdapterStoreOptions) {
    this.#options = options;
  }

  /** @throws DATA_CORRUPT when the stored list cannot be read */
  static async open(options: AdapterStoreOptions): Promise<AdapterStore> {
    const store = new AdapterStore(options);
    const text = await readFile(store.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    try {
      for (const { institution, ...adapter } of storedSchema.parse(JSON.parse(text))) {
        const publicKey = new Uint8Array(Buffer.from(institution.publicKey, 'base64'));
        const known = { ...institution, id: parseInstitutionId(institution.id), publicKey };
        store.#entries.set(adapter.id, {
          ...adapter,
          institution: known,
          state: 'SUSPENDED',
          reason: 'The registry restarted; no heartbeat yet',
        });
      }
    } catch (error) {
      throw new SciclomaticError('DATA_CORRUPT', `${store.#file} is damaged`, { cause: error });
    }
    return store;
  }

  get #file(): string {
    return join(this.#options.dir, 'adapters.json');
  }

  list(): AdapterEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  read(id: string): AdapterEntry | undefined {
    return this.#entries.get(id);
  }

  /** Registers or renews. @throws CONFLICT when another institution holds the id; BAD_INPUT, MALFORMED_ID */
  async register(adapter: AdapterDescription): Promise<{ leaseId: string; leaseMs: number }> {
    checkDescription(adapter);
    const known = this.#entries.get(adapter.id);
    if (known && known.institution.id !== adapter.institution.id) {
      throw new SciclomaticError('CONFLICT', `The id ${adapter.id} belongs to an adapter of ${known.institution.id}`);
    }
    for (const [leaseId, lease] of this.#leases) if (lease.adapterId === adapter.id) this.#leases.delete(leaseId);
    const leaseId = randomBytes(16).toString('hex');
    this.#leases.set(leaseId, { adapterId: adapter.id, endsAtMs: this.#options.now() + this.#options.leaseMs });
    this.#entries.set(adapter.id, { ...adapter, state: 'REGISTERED', reason: '', lastSeenAtMs: this.#options.now() });
    await this.#write();
    return { leaseId, leaseMs: this.#options.leaseMs };
  }

  /** @throws LEASE_EXPIRED */
  renew(leaseId: string): number {
    const lease = this.#leases.get(leaseId);
    const entry = lease && this.#entries.get(lease.adapterId);
    if (!lease || !entry || lease.endsAtMs <= this.#options.now()) {
      throw new SciclomaticError('LEASE_EXPIRED', 'This lease has ended; register again');
    }
    this.#leases.set(leaseId, { ...lease, endsAtMs: this.#options.now() + this.#options.leaseMs });
    this.#entries.set(entry.id, { ...entry, lastSeenAtMs: this.#options.now() });
    return this.#options.leaseMs;
  }

  release(leaseId: string): void {
    const lease = this.#leases.get(leaseId);
    if (!lease) return;
    this.#leases.delete(leaseId);
    this.suspend(lease.adapterId, 'It said goodbye');
  }

  /** Suspends every adapter whose lease has ended. */
  suspendExpired(): void {
    for (const [leaseId, lease] of this.#leases) {
      if (lease.endsAtMs > this.#options.now()) continue;
      this.#leases.delete(leaseId);
      this.suspend(lease.adapterId, `No heartbeat for ${Math.round(this.#options.leaseMs / 1000)} s`);
    }
  }

  /** Adapters whose lease holds. */
  listLeased(): AdapterEntry[] {
    const ids = new Set([...this.#leases.values()].map(({ adapterId }) => adapterId));
    return this.list().filter(({ id }) => ids.has(id));
  }

  /** Without effect on one that has no lease: it left while its health was being checked. */
  markHealthy(id: string): void {
    const entry = this.listLeased().find((leased) => leased.id === id);
    if (entry) this.#entries.set(id, { ...entry, state: 'HEALTHY', reason: '', lastSeenAtMs: this.#options.now() });
  }

  suspend(id: string, reason: string): void {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, state: 'SUSPENDED', reason });
  }

  /** Writes what is known, so that an orderly stop loses nothing. */
  close(): Promise<void> {
    return this.#write();
  }

  #write(): Promise<void> {
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => {
        const stored = this.list().map(({ state: _state, reason: _reason, institution, ...adapter }) => ({
          ...adapter,
          institution: { ...institution, publicKey: Buffer.from(institution.publicKey).toString('base64') },
        }));
        return writeFileDurably(this.#file, JSON.stringify(stored));
      });
    return this.#writing;
  }
}

function checkDescription(adapter: AdapterDescription): void {
  parseAdapterId(adapter.id);
  parseInstitutionId(adapter.institution.id);
  const problems = [
    /^[^\s:]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i.test(adapter.address)
      ? ''
      : `address "${adapter.address.slice(0, 80)}" is not host:port`,
    adapter.name.length <= 256 && adapter.institution.name.length <= 256 ? '' : 'a name has over 256 characters',
    adapter.description.length <= 4096 ? '' : 'the description has over 4096 characters',
    adapter.supports.length <= 64 && adapter.supports.every((name) => /^[A-Za-z]{1,64}$/.test(name))
      ? ''
      : 'supports has over 64 names or a malformed one',
    [0, 32].includes(adapter.institution.publicKey.byteLength) ? '' : 'the public key has not 32 bytes',
  ].filter((problem) => problem !== '');
  if (problems.length > 0) throw new SciclomaticError('BAD_INPUT', `Adapter ${adapter.id}: ${problems.join('; ')}`);
}

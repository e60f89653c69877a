import { randomUUID } from 'node:crypto';
import { SciclomaticError } from '../../core/errors.js';
import { assertSafePath } from '../../formats/safe-path.js';
import type { StorageState } from './state.js';
import type { StoredFile } from './store-file.js';

/** A file that may be, or was, uploaded. */
export interface UploadRecord {
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** What the bytes must hash to, lower-case hex; null when nothing was promised. */
  readonly sha256: string | null;
  /** When it is forgotten unless a dataset names it, milliseconds since the epoch. */
  readonly keptUntilMs: number;
  /** What the bytes are; null until all of them came. */
  readonly stored: StoredFile | null;
}

export interface UploadRequest {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256?: string | null | undefined;
}

export interface Uploads {
  /** One for each request, in order. @throws LIMIT_EXCEEDED, UNSAFE_PATH, BAD_INPUT naming every request that is wrong */
  create(requests: readonly UploadRequest[]): Promise<UploadRecord[]>;
  /** @throws NOT_FOUND when there is none, or its day is over */
  read(id: string): UploadRecord;
  /** Notes that all bytes came, which are kept from now on; on disk when it resolves. */
  complete(upload: UploadRecord, stored: StoredFile): Promise<void>;
  /** Forgets what nobody named in time. */
  removeExpired(): Promise<void>;
}

/** Most uploads asked for at once. */
const MAX_UPLOADS = 10_000;
const SHA256 = /^[0-9a-f]{64}$/;

export function openUploads(state: StorageState, keptMs: number, now: () => number): Uploads {
  const table = state.openTable<UploadRecord>('uploads');
  return {
    create: async (requests) => {
      checkRequests(requests);
      const keptUntilMs = now() + keptMs;
      const uploads = requests.map(
        ({ path, sizeBytes, sha256 }): UploadRecord => ({
          id: randomUUID(),
          path,
          sizeBytes,
          sha256: sha256 ?? null,
          keptUntilMs,
          stored: null,
        }),
      );
      await state.commit(() => {
        for (const upload of uploads) void table.put(upload.id, upload);
      });
      return uploads;
    },
    read: (id) => {
      const upload = id.length > 64 ? undefined : table.get(id);
      if (upload === undefined || upload.keptUntilMs <= now()) {
        throw new SciclomaticError('NOT_FOUND', `There is no upload ${JSON.stringify(id.slice(0, 80))}`);
      }
      return upload;
    },
    complete: async (upload, stored) => {
      await state.commit(() => {
        void table.put(upload.id, { ...upload, stored, keptUntilMs: now() + keptMs });
      });
    },
    removeExpired: async () => {
      const expired = [...table.getRange()].filter(({ value }) => value.keptUntilMs <= now());
      if (expired.length === 0) return;
      await state.commit(() => {
        for (const { key } of expired) void table.remove(key);
      });
    },
  };
}

function checkRequests(requests: readonly UploadRequest[]): void {
  if (requests.length > MAX_UPLOADS) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `${requests.length} uploads; the maximum is ${MAX_UPLOADS}`);
  }
  const problems: string[] = [];
  for (const [position, { path, sha256 }] of requests.entries()) {
    assertSafePath(path);
    if (sha256 && !SHA256.test(sha256)) problems.push(`input.${position}.sha256: must be 64 lower-case hex digits`);
  }
  if (problems.length > 0) throw new SciclomaticError('BAD_INPUT', problems.slice(0, 20).join('; '));
}

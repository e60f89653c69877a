import { SciclomaticError } from '../../../core/errors.js';

/**
 * Bytes that may be in memory at once. gRPC's own back-pressure counts messages of one stream; this counts the bytes of
 * all streams together, so that many slow receivers cannot fill the memory of a peer.
 */
export interface ByteBudget {
  /** Resolves when there is room; give it back with `release`. First come, first served. @throws the signal's reason */
  acquire(sizeBytes: number, signal: AbortSignal): Promise<void>;
  release(sizeBytes: number): void;
  /** Bytes now in use. */
  readonly usedBytes: number;
}

/** @param totalBytes a single request over it waits until nothing else is in use */
export function createByteBudget(totalBytes: number): ByteBudget {
  let usedBytes = 0;
  const waiting: { readonly sizeBytes: number; readonly start: () => void }[] = [];
  const fits = (sizeBytes: number): boolean => usedBytes === 0 || usedBytes + sizeBytes <= totalBytes;
  const startNext = (): void => {
    for (let next = waiting[0]; next !== undefined && fits(next.sizeBytes); next = waiting[0]) {
      waiting.shift();
      usedBytes += next.sizeBytes;
      next.start();
    }
  };
  return {
    acquire: async (sizeBytes, signal) => {
      if (signal.aborted) throw SciclomaticError.from(signal.reason, 'CANCELLED');
      if (waiting.length === 0 && fits(sizeBytes)) {
        usedBytes += sizeBytes;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const entry = {
          sizeBytes,
          start: () => {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(SciclomaticError.from(signal.reason, 'CANCELLED'));
          startNext();
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(entry);
      });
    },
    release: (sizeBytes) => {
      usedBytes -= sizeBytes;
      startNext();
    },
    get usedBytes() {
      return usedBytes;
    },
  };
}

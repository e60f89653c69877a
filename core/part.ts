/** A running part of the house: what `sc serve` starts, asks for its health and stops. */
export interface Part {
  /** Role name: `gateway`, `search`, `storage-peer` … */
  readonly name: string;
  checkHealth(): Promise<PartHealth>;
  /** Ends work in order and frees everything. MAY be called twice. */
  close(): Promise<void>;
}

export interface PartHealth {
  readonly state: 'READY' | 'DEGRADED' | 'NOT_READY';
  /** Why it is not READY, for people. */
  readonly reason?: string | undefined;
}

/** A part that answers HTTP requests; the same function serves in one process and behind a socket. */
export interface HttpPart extends Part {
  fetch(request: Request): Promise<Response>;
}

/** The health of what consists of several: the worst of them, the first of equals. READY when there are none. */
export function worstHealth(healths: readonly PartHealth[]): PartHealth {
  return (
    healths.find(({ state }) => state === 'NOT_READY') ??
    healths.find(({ state }) => state === 'DEGRADED') ?? { state: 'READY' }
  );
}

/** Closes parts in the reverse order of their start; every one is tried, the first failure is thrown. */
export async function closeParts(parts: readonly Pick<Part, 'close'>[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

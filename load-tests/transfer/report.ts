/** What a measured process has used since it began. */
export interface UsageReport {
  /** User and system time, in microseconds. */
  readonly cpuMicros: number;
  /** Largest resident memory so far, in bytes. */
  readonly peakResidentBytes: number;
}

export interface ServerReport extends UsageReport {
  readonly address: string;
}

export interface ClientReport extends UsageReport {
  /** CPU time of the transfer alone, in microseconds. */
  readonly transferCpuMicros: number;
  readonly transferMs: number;
  readonly receivedBytes: number;
}

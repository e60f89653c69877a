import { z } from 'zod';
import { SAMPLE_CHUNKS } from './chunk-sample.js';

/** Copies that a dataset should have, each at another institution: the least that survives a loss during a repair. */
export const DEFAULT_REQUIRED_COPIES = 3;
/**
 * How long a silent peer is waited for before its copies are made elsewhere, in milliseconds: a restart, an update or a loose
 * cable is over by then, and a copy of everything that a peer holds is dear. Ceph waits as long
 * (`mon_osd_down_out_interval`), HDFS half a minute longer.
 */
export const DEFAULT_SILENT_PEER_GRACE_MS = 600_000;
/** Wait between rounds over all datasets, in milliseconds. */
export const DEFAULT_AUDIT_INTERVAL_MS = 300_000;
/** Wait between looks at what is new, in milliseconds: a new dataset is copied within about this time. */
export const DEFAULT_WATCH_INTERVAL_MS = 500;
/** Pulls that run at once: each may fill a disk or a line. */
export const DEFAULT_MAX_PULLS = 4;

/** Settings of the replication subgraph. */
export const replicationConfigSchema = z.object({
  /** Good copies, each at another institution, that every dataset should have. */
  requiredCopies: z.number().int().min(1).max(100).default(DEFAULT_REQUIRED_COPIES),
  /** How long a silent peer may take to come back before its copies are made elsewhere, in milliseconds; 0 = not at all. */
  silentPeerGraceMs: z.number().int().min(0).max(604_800_000).default(DEFAULT_SILENT_PEER_GRACE_MS),
  /** Wait between two rounds of challenges over all datasets, in milliseconds. */
  auditIntervalMs: z.number().int().min(100).max(86_400_000).default(DEFAULT_AUDIT_INTERVAL_MS),
  /** Wait between looks for new datasets and at silent peers, in milliseconds. */
  replicationWatchMs: z.number().int().min(20).max(3_600_000).default(DEFAULT_WATCH_INTERVAL_MS),
  /** Chunks of each dataset that one audit challenges. */
  auditSampleChunks: z.number().int().min(1).max(256).default(SAMPLE_CHUNKS),
  /** Copies that are made at once. */
  maxPulls: z.number().int().min(1).max(64).default(DEFAULT_MAX_PULLS),
});

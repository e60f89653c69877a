import type {
  AdapterKind,
  AdapterState,
  CopyState,
  DownloadProtocol,
  HealthState,
  JobState,
  ProvenanceActivity,
  SearchSourceState,
} from '../clients/typescript/gen/operations.js';

/** How a state looks beside its word; the word alone must be enough. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

export interface StateWord {
  readonly word: string;
  readonly tone: Tone;
}

const state = (word: string, tone: Tone): StateWord => ({ word, tone });

export const SOURCE_STATES: Readonly<Record<SearchSourceState, StateWord>> = {
  OK: state('current', 'good'),
  HARVESTING: state('being harvested', 'busy'),
  INCOMPLETE: state('incomplete', 'warn'),
  STALE: state('does not answer', 'bad'),
};

export const HEALTH_STATES: Readonly<Record<HealthState, StateWord>> = {
  OK: state('OK', 'good'),
  REPLICATING: state('Replicating', 'busy'),
  STUCK: state('Stuck', 'warn'),
  LOST: state('Lost', 'bad'),
  UNKNOWN: state('Not audited yet', 'idle'),
};

export const COPY_STATES: Readonly<Record<CopyState, StateWord>> = {
  AVAILABLE: state('Available', 'good'),
  COPYING: state('Copying', 'busy'),
  UNAVAILABLE: state('Unavailable', 'warn'),
  TEMPORARY_UNAVAILABLE: state('Temporarily unavailable', 'warn'),
  BAD: state('Bad', 'bad'),
};

export const ADAPTER_STATES: Readonly<Record<AdapterState, StateWord>> = {
  HEALTHY: state('Healthy', 'good'),
  REGISTERED: state('Registered', 'busy'),
  SUSPENDED: state('Suspended', 'bad'),
};

export const JOB_STATES: Readonly<Record<JobState, StateWord>> = {
  QUEUED: state('Queued', 'idle'),
  RUNNING: state('Running', 'busy'),
  SUCCEEDED: state('Done', 'good'),
  FAILED: state('Failed', 'bad'),
};

export const ADAPTER_KINDS: Readonly<Record<AdapterKind, string>> = {
  REPOSITORY: 'Repository',
  STORAGE_PEER: 'Storage peer',
  LEDGER: 'Ledger',
};

export const ACTIVITIES: Readonly<Record<ProvenanceActivity, string>> = {
  HARVEST: 'Harvested',
  SUBMIT: 'Submitted',
  MIRROR: 'Mirrored',
  COPY: 'Copied',
  AUDIT: 'Audited',
};

export const PROTOCOLS: Readonly<Record<DownloadProtocol, string>> = {
  SWARM_HTTP: 'Download',
  SOURCE: 'From source',
};

/** One file that a process makes. */
export interface SampleFile {
  /** Name within its dataset. */
  readonly path: string;
  readonly mediaType: string;
  /** What its columns or axes mean; one line of the dataset's README. */
  readonly description: string;
  readonly bytes: Uint8Array;
}

/** A scientific process, what is to be told about it, and the code that computes it. */
export interface SampleProcess {
  /** Stable for ever; a corrected process gets a new one. */
  readonly localId: string;
  readonly title: string;
  /** What the process is, its equations, and how it was computed. Plain text. */
  readonly description: string;
  readonly subjects: readonly string[];
  /** The very values that `compute` uses, by name. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Gives the same bytes on every machine and at every call. */
  compute(): readonly SampleFile[];
}

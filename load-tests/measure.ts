/** One figure of a scenario; what `npm run bench` prints. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  /** The same of the contender, measured in turn in the same run; null when there is none. */
  readonly rival: number | null;
  /** ours / rival. */
  readonly ratio: number | null;
  /** What is wanted, for people. */
  readonly goal: string;
  readonly holds: boolean;
}

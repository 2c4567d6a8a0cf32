// What a benchmark row is, and what it says when it was measured.

/** One thing that is measured, ready to run; `runs` times in a row, and everything it started is ended by `close`. */
export interface Contender {
  run(runs: number): Promise<void>;
  close?(): Promise<void>;
}

/** One row of the table: ours, the peer and the physical limit do the same work. */
export interface Row {
  readonly name: string;
  /** `us`: microseconds per run. `per_s`: runs per second. */
  readonly unit: 'us' | 'per_s';
  /** The `peerRatio` that we promise; null when nothing is promised. */
  readonly must: number | null;
  ours(): Promise<Contender>;
  peer?(): Promise<Contender>;
  limit(): Promise<Contender>;
}

/** A measured row, as `--json` prints it. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly limit: number;
  /** Above 1: we are better than the peer. */
  readonly peerRatio: number | null;
  /** 1: we are at the physical limit; below it we are worse. */
  readonly limitRatio: number;
  readonly must: number | null;
  readonly node: string;
}

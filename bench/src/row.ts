// What a benchmark row is, and what it says when it was measured.

/** One thing that is measured, ready to run; `runs` times in a row, and everything it started is ended by `close`. */
export interface Contender {
  run(runs: number): Promise<void>;
  /** Makes ready what the next single run uses up, and clears away what the last one left. Its own time does not count. */
  prepare?(): void | Promise<void>;
  close?(): Promise<void>;
}

/**
 * `us`: microseconds per run. `ms`: milliseconds. `per_s`: runs per second. `KB`: 1,000 bytes. `x`: times as long as without.
 * `count`: how many there can be. In `per_s` and `count` more is better, in the others less.
 */
export type Unit = 'us' | 'ms' | 'per_s' | 'KB' | 'x' | 'count';

/** What a row is called, measured in and promised to be. */
export interface RowFacts {
  readonly name: string;
  readonly unit: Unit;
  /** The `peerRatio` that we promise; null when none is promised. */
  readonly must: number | null;
  /** What we promise that `ours` is at most, where there is no peer to be compared with. @default nothing */
  readonly mustMax?: number;
  /** What we promise that `ours` is at least, likewise. @default nothing */
  readonly mustMin?: number;
  /** How far we promise that `ours` is above `limit` at most, in the row's unit. @default nothing */
  readonly mustOver?: number;
}

/** A row whose sides do the same work in turns: ours, the physical limit, the peer, and an older release of the peer. */
export interface TimedRow extends RowFacts {
  readonly unit: 'us' | 'per_s';
  ours(): Promise<Contender>;
  peer?(): Promise<Contender>;
  peer1?(): Promise<Contender>;
  limit(): Promise<Contender>;
}

/** A row that does its own measuring. */
export interface FigureRow extends RowFacts {
  figures(): Promise<Figures>;
}

/** One row of the table. */
export type Row = TimedRow | FigureRow;

/** What each side reached, in the row's unit; undefined: there is no such side. */
export interface Figures {
  readonly ours: number;
  readonly peer?: number | undefined;
  readonly peer1?: number | undefined;
  readonly limit: number;
}

/** A measured row, as `--json` prints it. */
export interface Result {
  readonly name: string;
  readonly unit: Unit;
  readonly ours: number;
  readonly peer: number | null;
  /** The older release of the peer, where it can do the work; nothing is promised about it. */
  readonly peer1: number | null;
  readonly limit: number;
  /** Above 1: we are better than the peer. */
  readonly peerRatio: number | null;
  /** 1: we are at the physical limit; below it we are worse. */
  readonly limitRatio: number;
  readonly must: number | null;
  readonly mustMax: number | null;
  readonly mustMin: number | null;
  readonly mustOver: number | null;
  readonly node: string;
}

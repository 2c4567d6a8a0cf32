// From medians to a row of the table: units and ratios.
import type { Result, Row } from './row.ts';

/** Milliseconds per run. */
export interface Medians {
  readonly ours: number;
  readonly limit: number;
  readonly peer: number | undefined;
}

/** The row that `medians` make. Both units are better with less time per run, so one quotient serves them. */
export function summarise(row: Pick<Row, 'name' | 'unit' | 'must'>, medians: Medians): Result {
  const { ours, limit, peer } = medians;
  const shown = (milliseconds: number): number =>
    round(row.unit === 'us' ? milliseconds * 1_000 : 1_000 / milliseconds);
  return {
    name: row.name,
    unit: row.unit,
    ours: shown(ours),
    peer: peer === undefined ? null : shown(peer),
    limit: shown(limit),
    peerRatio: peer === undefined ? null : round(peer / ours),
    limitRatio: round(limit / ours),
    must: row.must,
    node: process.version,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

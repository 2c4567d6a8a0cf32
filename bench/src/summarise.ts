// From figures to a row of the table: ratios, and whether promises were kept.
import type { Figures, Result, RowFacts, Unit } from './row.ts';

const MORE_IS_BETTER: Readonly<Record<Unit, boolean>> = {
  us: false,
  ms: false,
  per_s: true,
  KB: false,
  x: false,
  count: true,
};

/** The row that `figures` make. */
export function summarise(row: RowFacts, figures: Figures): Result {
  const { ours, peer, peer1, limit } = figures;
  const better = (other: number): number => round(MORE_IS_BETTER[row.unit] ? ours / other : other / ours);
  return {
    name: row.name,
    unit: row.unit,
    ours: round(ours),
    peer: peer === undefined ? null : round(peer),
    peer1: peer1 === undefined ? null : round(peer1),
    limit: round(limit),
    peerRatio: peer === undefined ? null : better(peer),
    limitRatio: better(limit),
    must: row.must,
    mustMax: row.mustMax ?? null,
    mustMin: row.mustMin ?? null,
    mustOver: row.mustOver ?? null,
    node: process.version,
  };
}

/** Whether a result breaks one of its promises. */
export function missed({ ours, limit, peerRatio, must, mustMax, mustMin, mustOver }: Result): boolean {
  if (must !== null && (peerRatio ?? 0) < must) return true;
  if (mustOver !== null && ours - limit > mustOver) return true;
  return (mustMax !== null && ours > mustMax) || (mustMin !== null && ours < mustMin);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

// Prints results: a table for people, one JSON object per line for programs.
import type { Result } from './row.ts';

const HEADINGS = ['name', 'unit', 'ours', 'peer', 'limit', 'peer ÷', 'limit ÷', 'must'] as const;

/** One line of JSON. */
export function jsonLine(result: Result): string {
  return JSON.stringify(result);
}

/** A table of all results; a row that misses its `must` is marked. */
export function table(results: readonly Result[]): string {
  const rows = [HEADINGS, ...results.map(cells)].map((row) => [...row]);
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

function cells(result: Result): string[] {
  const missed = result.must !== null && (result.peerRatio ?? 0) < result.must;
  return [
    result.name,
    result.unit,
    String(result.ours),
    result.peer === null ? '–' : String(result.peer),
    String(result.limit),
    result.peerRatio === null ? '–' : String(result.peerRatio),
    String(result.limitRatio),
    result.must === null ? '–' : `≥ ${result.must}${missed ? ' missed' : ''}`,
  ];
}

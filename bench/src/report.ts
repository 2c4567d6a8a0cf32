// Prints results: a table for people, one JSON object per line for programs.
import type { Result } from './row.ts';
import { missed } from './summarise.ts';

const HEADINGS = ['name', 'unit', 'ours', 'peer', 'peer1', 'limit', 'peer ÷', 'limit ÷', 'must'] as const;

/** One line of JSON. */
export function jsonLine(result: Result): string {
  return JSON.stringify(result);
}

/** A table of all results; a row that breaks a promise is marked. */
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
  return [
    result.name,
    result.unit,
    ...[result.ours, result.peer, result.peer1, result.limit, result.peerRatio, result.limitRatio].map(
      figure,
    ),
    promise(result),
  ];
}

function figure(value: number | null): string {
  return value === null ? '–' : String(value);
}

// "≥ 4" is about the peerRatio, "ours ≤ 4" about the figure itself, "ours ≤ limit + 4" about both figures.
function promise(result: Result): string {
  const { must, mustMax, mustMin, mustOver } = result;
  const parts: string[] = [];
  if (must !== null) parts.push(`≥ ${must}`);
  if (mustMax !== null) parts.push(`ours ≤ ${mustMax}`);
  if (mustMin !== null) parts.push(`ours ≥ ${mustMin}`);
  if (mustOver !== null) parts.push(`ours ≤ limit + ${mustOver}`);
  if (parts.length === 0) return '–';
  return missed(result) ? `${parts.join(', ')} missed` : parts.join(', ');
}

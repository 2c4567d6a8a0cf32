// The code blocks of a README, and what their fences say about them.

/** One ```ts block of a Markdown file. */
export interface ReadmeBlock {
  readonly code: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  /** False when the fence says `ts no-run`: compiled only. */
  readonly runs: boolean;
  /** What it must print, when the next fence is ```text. */
  readonly output: string | undefined;
}

const FENCE = /^```(.*)$/;

/** Every ```ts block of a Markdown text, in its order. Throws on a fence that is never closed. */
export function readmeBlocks(markdown: string): ReadmeBlock[] {
  const fenced = fencedBlocks(markdown.split('\n'));
  return fenced.flatMap(({ info, code, line }, index) => {
    if (info !== 'ts' && info !== 'ts no-run') return [];
    const next = fenced[index + 1];
    return [{ code, line, runs: info === 'ts', output: next?.info === 'text' ? next.code : undefined }];
  });
}

function fencedBlocks(lines: readonly string[]): { info: string; code: string; line: number }[] {
  const blocks: { info: string; code: string; line: number }[] = [];
  let open: { info: string; line: number } | undefined;
  for (const [index, text] of lines.entries()) {
    const info = FENCE.exec(text)?.[1]?.trim();
    if (info === undefined) continue;
    if (open === undefined) {
      open = { info, line: index + 1 };
    } else {
      const code = lines.slice(open.line, index).map((line) => `${line}\n`);
      blocks.push({ ...open, code: code.join('') });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`the fence of line ${open.line} is never closed`);
  return blocks;
}

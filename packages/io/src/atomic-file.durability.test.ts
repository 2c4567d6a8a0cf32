// What survives a power cut is what was synced, in which order: this watches the calls, for a test cannot cut the power.
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { writeFileAtomic } from './atomic-file.ts';

const watched = vi.hoisted(() => ({ calls: [] as [string, string][] }));

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    async open(path: string, flags: string, mode?: number): Promise<FileHandle> {
      const file = await fs.open(path, flags, mode);
      const sync = file.sync.bind(file);
      return Object.assign(file, {
        sync: async () => {
          watched.calls.push(['sync', path]);
          await sync();
        },
      });
    },
    async rename(from: string, to: string): Promise<void> {
      watched.calls.push(['rename', to]);
      await fs.rename(from, to);
    },
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-durable-'));
  watched.calls.length = 0;
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function callsOfWriting(path: string): Promise<string[]> {
  await writeFileAtomic(path, 'x');
  return watched.calls.map(([call, at]) =>
    `${call} ${relative(folder, at).replace(/[0-9a-f-]{36}/, '…')}`.trim(),
  );
}

it('syncs the new content before it gets the name, and the name after', async () => {
  expect(await callsOfWriting(join(folder, 'file'))).toEqual(['sync file.….tmp', 'rename file', 'sync']);
});

it('syncs every folder that it made, and the one in which it made the first', async () => {
  expect(await callsOfWriting(join(folder, 'a', 'b', 'file'))).toEqual([
    'sync a/b/file.….tmp',
    'rename a/b/file',
    'sync a/b',
    'sync a',
    'sync',
  ]);
});

it('syncs only its own folder when that was there', async () => {
  await callsOfWriting(join(folder, 'a', 'b', 'file'));
  watched.calls.length = 0;

  expect(await callsOfWriting(join(folder, 'a', 'b', 'other'))).toEqual([
    'sync a/b/other.….tmp',
    'rename a/b/other',
    'sync a/b',
  ]);
});

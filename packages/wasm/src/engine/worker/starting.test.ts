import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { testedEngine } from '../../../test/contract/worker.ts';
import { env, failureOf } from '../../../test/open.ts';
import { openDescriptors } from '../../../test/open-folders.ts';
import { where } from '../../../test/where.ts';

// Each calls `app.note` with a block while it starts: by its start function, and by what the ABI calls before anything else.
const NOTE = `${env('alloc', 'store_u8')} (import "app" "note" (func $note (param i64) (result i64)))
  (func $tell (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 65))
    (drop (call $note (local.get $block))))
  (func (export "run"))`;

describe('a host function that a module calls while it starts', () => {
  it.each([
    ['its start function', `(module ${NOTE} (start $tell))`],
    ['its _initialize', `(module ${NOTE} (export "_initialize" (func $tell)))`],
  ])('reads and stores blocks, in %s', async (_name, module) => {
    const notes: unknown[] = [];
    const { open } = testedEngine();
    const note = (
      context: { text(at: bigint): string | undefined; store(text: string): bigint },
      at: bigint,
    ) => {
      notes.push(context.text(at), context.text(context.store('long enough for a block of its own')));
      return 0n;
    };
    const plugin = await open(module, { functions: { app: { note } } as never });
    await plugin.call('run');
    expect(notes).toEqual(['A', 'long enough for a block of its own']);
  });

  it('may have nothing to do with blocks', async () => {
    let starts = 0;
    const { open } = testedEngine();
    const module = '(module (import "app" "started" (func $started)) (start $started) (func (export "run")))';
    await open(module, { functions: { app: { started: () => void starts++ } } });
    expect(starts).toBe(1);
  });
});

describe('a module that spins while it starts', () => {
  const SPINNING = `(module
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_initialize") (loop $again (br $again)))
    (func (export "run")))`;

  where(process.platform === 'linux', 'and is given up meanwhile leaves no directory open', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plugbay-')));
    const { open } = testedEngine();
    const wasi = { directories: [{ host: folder, guest: '/' }] };
    const opening = failureOf(() => open(SPINNING, { wasi, limits: { callMs: 2_000 } }));
    await vi.waitFor(() => expect(openDescriptors(folder)).toBe(1), 20_000);
    const error = await opening;
    expect([error.code, error.phase]).toEqual(['timeout', 'open']);
    // The caller is told first.
    await vi.waitFor(() => expect(openDescriptors(folder)).toBe(0), 20_000);
    rmSync(folder, { recursive: true });
  });
});

describe('a module that fails while it starts', () => {
  it('fails when it is opened, and says so', async () => {
    const { open } = testedEngine();
    const opening = open('(module (func $crash unreachable) (start $crash) (func (export "run")))');
    await expect(opening).rejects.toMatchObject({ code: 'trap', phase: 'open', stateLost: false });
  });
});

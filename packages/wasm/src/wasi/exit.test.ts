import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { isExit } from './exit.ts';
import { planWasi } from './plan.ts';
import { Wasi } from './wasi.ts';

type Exports = Record<string, () => number> & { memory: WebAssembly.Memory };

/** An instance of WebAssembly text with the functions of WASI that it imports. */
async function instantiate(source: string, lines: string[] = []): Promise<{ wasi: Wasi; exports: Exports }> {
  const wasi = new Wasi(planWasi(), { line: (_stream, text) => void lines.push(text) });
  const module = new WebAssembly.Module(await wat(source));
  const { exports } = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: wasi.imports('wasi_snapshot_preview1'),
  });
  wasi.bind(exports.memory);
  return { wasi, exports: exports as Exports };
}

const GUEST = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (global $after (mut i32) (i32.const 0))
  (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00bye")
  (func $leave (call $exit (i32.const 7)) (global.set $after (i32.const 1)))
  (func $nested (call $leave) (global.set $after (i32.const 2)))
  (func (export "exit") (call $nested) (global.set $after (i32.const 3)))
  (func (export "say_and_exit") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (call $nested))
  (func (export "exit_with_all_bits") (call $exit (i32.const -1)))
  (func (export "after") (result i32) (global.get $after))
  (func (export "yield") (result i32) (call $yield))
  (func (export "swallow") (result i32)
    (try (do (call $nested)) (catch_all))
    (i32.const 99))
  (func (export "swallow_and_go_on") (result i32)
    (local $swallowed i32)
    (try (do (call $nested)) (catch_all (local.set $swallowed (i32.add (local.get $swallowed) (i32.const 1)))))
    (try (do (drop (call $yield))) (catch_all (local.set $swallowed (i32.add (local.get $swallowed) (i32.const 1)))))
    (try (do (call $exit (i32.const 8))) (catch_all (local.set $swallowed (i32.add (local.get $swallowed) (i32.const 1)))))
    (local.get $swallowed)))`;

const thrownBy = (act: () => unknown): unknown => {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
};

describe('a guest that exits', () => {
  it('is left through all its frames, none of which goes on', async () => {
    const { wasi, exports } = await instantiate(GUEST);
    expect(wasi.exitCode).toBe(undefined);
    const thrown = thrownBy(() => exports.exit!());
    expect([isExit(thrown), thrown, wasi.exitCode]).toEqual([true, { code: 7 }, 7]);
    expect(exports.after!()).toBe(0);
    expect(thrown).not.toBeInstanceOf(Error);
  });

  it('may have any code, which is unsigned', async () => {
    const { wasi, exports } = await instantiate(GUEST);
    expect(thrownBy(() => exports.exit_with_all_bits!())).toEqual({ code: 4_294_967_295 });
    expect(wasi.exitCode).toBe(4_294_967_295);
  });

  it('has exited although it swallows the signal and returns', async () => {
    const { wasi, exports } = await instantiate(GUEST);
    expect(exports.swallow!()).toBe(99);
    expect(wasi.exitCode).toBe(7);
  });

  it('gets the signal again from whatever it calls then, and the first code stays', async () => {
    const { wasi, exports } = await instantiate(GUEST);
    expect(exports.swallow_and_go_on!()).toBe(3);
    expect(wasi.exitCode).toBe(7);
    expect(isExit(thrownBy(() => exports.yield!()))).toBe(true);
  });

  it('has its last line handed over when the call ends', async () => {
    const lines: string[] = [];
    const { wasi, exports } = await instantiate(GUEST, lines);
    expect(isExit(thrownBy(() => exports.say_and_exit!()))).toBe(true);
    wasi.endCall();
    expect(lines).toEqual(['bye']);
    wasi.close();
  });

  it('has not exited when it traps or throws', async () => {
    expect([isExit(new WebAssembly.RuntimeError('x')), isExit(undefined), isExit({ code: 1 })]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('a start function', () => {
  it('that writes before the memory is known gets an errno, and the instance is made', async () => {
    const lines: string[] = [];
    const { exports } = await instantiate(
      `(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (global $errno (mut i32) (i32.const -1))
        (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00hi\\n")
        (func $say (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
        (func $start (global.set $errno (call $say)))
        (start $start)
        (func (export "errno") (result i32) (global.get $errno))
        (func (export "say") (result i32) (call $say)))`,
      lines,
    );
    expect([exports.errno!(), lines]).toEqual([21, []]);
    expect([exports.say!(), lines]).toEqual([0, ['hi']]);
  });
});

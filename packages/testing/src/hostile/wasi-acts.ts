// What a module of any ABI can do to harm whoever runs it by way of its system interface.
import type { Acts } from './act.ts';

const SLEEP =
  '(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))';
const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const RANDOM = '(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))';

// A subscription to the monotonic clock at 1024, for as many nanoseconds.
const subscribed = (nanoseconds: string): string => `
  (i32.store8 (i32.const 1032) (i32.const 0))
  (i32.store (i32.const 1040) (i32.const 1))
  (i64.store (i32.const 1048) (i64.const ${nanoseconds}))`;
const POLL = '(drop (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 3072)))';

/** The acts. `sleep` is how a sleep ends in a start function: where the memory is not known yet, nobody sleeps. */
export const wasiActs = (sleep: 'never' | 'well'): Acts => ({
  'sleeps for an hour': {
    ends: 'never',
    wasi: true,
    inStart: sleep,
    imports: SLEEP,
    act: `${subscribed('3600000000000')} ${POLL}`,
  },
  'sleeps for a moment, again and again': {
    ends: 'never',
    wasi: true,
    imports: SLEEP,
    act: `${subscribed('100000')} (loop $again ${POLL} (br $again))`,
  },
  'fills its memory with what its system gives, again and again': {
    ends: 'never',
    wasi: true,
    imports: RANDOM,
    act: '(loop $again (drop (call $random (i32.const 0) (i32.const 65536))) (br $again))',
  },
  exits: { ends: 'plugin', wasi: true, imports: EXIT, act: '(call $exit (i32.const 3))' },
  'catches that it exited, and goes on': {
    ends: 'never',
    wasi: true,
    imports: EXIT,
    act: '(loop $again (try (do (call $exit (i32.const 3))) (catch_all)) (br $again))',
  },
});

// A guest in WebAssembly text that does one thing of each kind, for tests of an engine.
import { env } from '../open.ts';

/**
 * `echo` answers with its input. `ask` hands its input to `app.ask` and answers with the block that it gets; `asking` does so for
 * ever. `spin` does not end. `count` answers with how often it was called. `set` keeps its input in the variable `k`, `get` answers
 * with it. `trap` traps. `size` answers with a block of as many bytes as its input says, a little-endian u64, all of them 7.
 */
export const TALKER = `(module
  ${env('input_offset', 'input_length', 'input_load_u64', 'output_set', 'var_get', 'var_set', 'alloc', 'store_u8', 'store_u64', 'length')}
  (import "app" "ask" (func $ask (param i64) (result i64)))
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func $key (result i64) (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 107))
    (local.get $block))
  (func $answer (param $block i64) (call $output_set (local.get $block) (call $length (local.get $block))))
  (func (export "echo") (call $output_set (call $input_offset) (call $input_length)))
  (func (export "ask") (call $answer (call $ask (call $input_offset))))
  (func (export "asking") (loop $again (drop (call $ask (call $input_offset))) (br $again)))
  (func (export "catching") (loop $again
    (try (do (drop (call $ask (call $input_offset)))) (catch_all)) (br $again)))
  (func (export "spin") (loop $again (br $again)))
  (func (export "count") (local $block i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (global.get $calls))
    (call $answer (local.get $block)))
  (func (export "set") (call $var_set (call $key) (call $input_offset)))
  (func (export "get") (call $answer (call $var_get (call $key))))
  (func (export "trap") unreachable)
  (func (export "size") (local $block i64) (local $at i64) (local $length i64)
    (local.set $length (call $input_load_u64 (i64.const 0)))
    (local.set $block (call $alloc (local.get $length)))
    (loop $next
      (call $store_u64 (i64.add (local.get $block) (local.get $at)) (i64.const 0x0707070707070707))
      (br_if $next (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 8))) (local.get $length))))
    (call $answer (local.get $block))))`;

/** Host functions for {@link TALKER} whose `ask` is this. */
export function asking(ask: (...values: never[]) => unknown): never {
  return { app: { ask } } as never;
}

/** Host functions whose `ask` answers with the guest's own block. */
export const PASSING: never = asking((_context: unknown, block: bigint) => block);

/** A promise, and what keeps it. */
export interface Gate<T> {
  readonly opened: Promise<T>;
  open(value: T): void;
}

/** A gate that is closed. */
export function gate<T = void>(): Gate<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { opened: promise, open: resolve };
}

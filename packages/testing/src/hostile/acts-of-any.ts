// What a module of any ABI can do by itself to harm whoever runs it.
import type { Acts } from './act.ts';

// Deep without tail calls, and with work left to do on the way back, so that no compiler makes a loop of it.
const DEEP = `(func $deep (param i64 i64 i64 i64) (result i64)
  (i64.add
    (call $deep
      (i64.add (local.get 0) (i64.const 1)) (local.get 2) (local.get 1) (i64.mul (local.get 3) (local.get 0)))
    (i64.xor (local.get 1) (local.get 3))))`;
const DROPPED_DEEP = '(drop (call $deep (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))';

/** The acts. */
export const ACTS_OF_ANY: Acts = {
  'spins in a loop': { ends: 'never', act: '(loop $again (br $again))' },
  'spins in a loop by a table of branches': {
    ends: 'never',
    act: '(loop $again (br_table $again $again (i32.const 7)))',
  },
  'spins by calls through a table': {
    ends: 'never',
    with: '(type $nothing (func)) (func $short) (table 1 funcref) (elem (i32.const 0) $short)',
    act: '(loop $again (call_indirect (type $nothing) (i32.const 0)) (br $again))',
  },
  'spins by tail calls': {
    ends: 'never',
    with: '(func $tail (param i32) (return_call $tail (i32.add (local.get 0) (i32.const 1))))',
    act: '(call $tail (i32.const 0))',
  },
  'spins by exceptions': {
    ends: 'never',
    with: '(tag $tag)',
    act: '(loop $again (try (do (throw $tag)) (catch $tag)) (br $again))',
  },
  'calls itself in a tree': {
    ends: 'never',
    with: `(func $tree (param i32) (if (local.get 0) (then
      (call $tree (i32.sub (local.get 0) (i32.const 1))) (call $tree (i32.sub (local.get 0) (i32.const 1))))))`,
    act: '(call $tree (i32.const 60))',
  },
  'catches everything and goes on': {
    ends: 'never',
    with: '(func $spin (loop $again (br $again)))',
    act: '(loop $again (try (do (call $spin)) (catch_all)) (br $again))',
  },
  'fills its memory again and again': {
    ends: 'never',
    act: '(loop $again (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $again))',
  },
  'copies its memory again and again': {
    ends: 'never',
    act: '(loop $again (memory.copy (i32.const 8) (i32.const 0) (i32.const 65000)) (br $again))',
  },
  'fills all the memory it can get at once': {
    ends: 'never',
    act: `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
      (loop $again
        (memory.fill (i32.const 0) (i32.const 255) (i32.shl (memory.size) (i32.const 16))) (br $again))`,
  },
  'grows its memory page by page': {
    ends: 'never',
    act: '(loop $again (drop (memory.grow (i32.const 1))) (br $again))',
  },
  'grows its memory by more than there is': {
    ends: 'never',
    act: '(loop $again (drop (memory.grow (i32.const -1))) (drop (memory.grow (i32.const 65535))) (br $again))',
  },
  'grows its table': {
    ends: 'never',
    with: '(table $table 1 funcref)',
    act: '(loop $again (drop (table.grow $table (ref.null func) (i32.const 1000))) (br $again))',
  },
  'fills its table': {
    ends: 'never',
    with: '(table $table 100000 funcref)',
    act: '(loop $again (table.fill $table (i32.const 0) (ref.null func) (i32.const 100000)) (br $again))',
  },
  traps: { ends: 'trap', act: 'unreachable' },
  'divides by zero': { ends: 'trap', act: '(drop (i32.div_s (i32.const 1) (i32.load (i32.const 8))))' },
  'reads outside of its memory': { ends: 'trap', act: '(drop (i64.load (i32.const -4)))' },
  'writes outside of its memory': { ends: 'trap', act: '(i64.store (i32.const 65532) (i64.const -1))' },
  'fills outside of its memory': {
    ends: 'trap',
    act: '(memory.fill (i32.const 1) (i32.const 255) (i32.const 65536))',
  },
  'calls what is not in its table': {
    ends: 'trap',
    with: '(type $nothing (func)) (table 1 funcref)',
    act: '(call_indirect (type $nothing) (i32.const 0))',
  },
  throws: {
    ends: 'trap',
    with: '(tag $tag (param i64 i64))',
    act: '(throw $tag (i64.const 1) (i64.const 2))',
  },
  recurses: { ends: 'trap', with: DEEP, act: DROPPED_DEEP },
  'recurses by turns': {
    ends: 'trap',
    with: `(func $ping (param i64) (result i64) (i64.add (call $pong (local.get 0)) (i64.const 1)))
      (func $pong (param i64) (result i64) (i64.mul (call $ping (local.get 0)) (i64.const 3)))`,
    act: '(drop (call $ping (i64.const 1)))',
  },
  'recurses through a table': {
    ends: 'trap',
    with: `(type $turn (func (param i64) (result i64))) (table 1 funcref) (elem (i32.const 0) $turn)
      (func $turn (type $turn)
        (i64.add (call_indirect (type $turn) (local.get 0) (i32.const 0)) (local.get 0)))`,
    act: '(drop (call $turn (i64.const 1)))',
  },
  'recurses and catches all on the way': {
    ends: 'trap',
    with: `(func $caught (param i64) (result i64) (local $got i64)
      (try (do (local.set $got (call $caught (i64.add (local.get 0) (i64.const 1))))) (catch_all))
      (i64.add (local.get $got) (local.get 0)))`,
    act: '(drop (call $caught (i64.const 1)))',
  },
};

// Plugins that mean harm, in WebAssembly text: each does one thing that a host must survive.
import { wat } from './wat.ts';

/** How a hostile plugin's call ends: by its fuel or its time, by a limit, by a crash, or with its own error. */
export type HostileEnd = 'never' | 'limit' | 'trap' | 'plugin';

/** A plugin of the Extism ABI that means harm. */
export interface HostilePlugin {
  /** What it does, as in "a plugin that …". */
  readonly name: string;
  /** How `run` ends. What ends `never` has to be stopped: by fuel, or by time. */
  readonly ends: HostileEnd;
  /** The module: `run` does harm, `echo` answers with its input. */
  bytes(): Promise<Uint8Array>;
  /** The same, with the harm done after `app.wait`, a function () -> (), has returned. */
  waiting(): Promise<Uint8Array>;
  /** The same, with the harm done while it starts: by its start function, or by `_initialize`. */
  starting(how: 'start' | '_initialize'): Promise<Uint8Array>;
  /** Whether what it does while it starts fails at all: nobody reads the output of a start, or its error. */
  readonly failsStarting: boolean;
}

interface Act {
  readonly ends: HostileEnd;
  /** What stands in the module beside `$act`. */
  readonly with?: string;
  /** The body of `$act`, which takes nothing and returns nothing. */
  readonly act: string;
  /** @default true */
  readonly failsStarting?: boolean;
}

const IMPORTS = `
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "extism:host/env" "log_error" (func $log_error (param i64)))`;

// A block of 8 bytes of ASCII with this number in it, up to 2 ^ 14, so that names differ.
const NAMED = `(func $named (param $number i64) (result i64) (local $block i64)
  (local.set $block (call $alloc (i64.const 8)))
  (call $store_u64 (local.get $block) (i64.or
    (i64.and (local.get $number) (i64.const 0x7f))
    (i64.shl (i64.and (local.get $number) (i64.const 0x3f80)) (i64.const 1))))
  (local.get $block))`;

// Deep without tail calls, and with work left to do on the way back, so that no compiler makes a loop of it.
const DEEP = `(func $deep (param i64 i64 i64 i64) (result i64)
  (i64.add
    (call $deep
      (i64.add (local.get 0) (i64.const 1)) (local.get 2) (local.get 1) (i64.mul (local.get 3) (local.get 0)))
    (i64.xor (local.get 1) (local.get 3))))`;
const DROPPED_DEEP = '(drop (call $deep (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))';

const ACTS: Readonly<Record<string, Act>> = {
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
  'asks for blocks without end': {
    ends: 'never',
    act: '(loop $again (drop (call $alloc (i64.const 65536))) (br $again))',
  },
  'asks for tiny blocks without end': {
    ends: 'never',
    act: '(loop $again (drop (call $alloc (i64.const 1))) (br $again))',
  },
  'asks for and frees the largest block': {
    ends: 'never',
    act: '(loop $again (call $free (call $alloc (i64.const 16000000))) (br $again))',
  },
  'floods its error': {
    ends: 'never',
    act: `(local $block i64) (local.set $block (call $alloc (i64.const 100000)))
      (loop $again (call $error_set (local.get $block)) (br $again))`,
  },
  'floods its output': {
    ends: 'never',
    act: `(local $block i64) (local.set $block (call $alloc (i64.const 100000)))
      (loop $again (call $output_set (local.get $block) (i64.const 100000)) (br $again))`,
  },
  'floods the log': {
    ends: 'never',
    with: NAMED,
    act: '(loop $again (call $log_info (call $named (i64.const 0x21212121))) (br $again))',
  },
  'floods the log with long lines': {
    ends: 'never',
    act: '(loop $again (call $log_error (call $alloc (i64.const 1000000))) (br $again))',
  },
  'reads a large variable again and again': {
    ends: 'never',
    with: NAMED,
    act: `(call $var_set (call $named (i64.const 1)) (call $alloc (i64.const 900000)))
      (loop $again (call $free (call $var_get (call $named (i64.const 1)))) (br $again))`,
  },
  'sets a large variable again and again': {
    ends: 'never',
    with: NAMED,
    act: '(loop $again (call $var_set (call $named (i64.const 1)) (call $alloc (i64.const 900000))) (br $again))',
  },
  'floods the variables': {
    ends: 'limit',
    with: NAMED,
    act: `(local $number i64)
      (loop $again
        (local.set $number (i64.add (local.get $number) (i64.const 1)))
        (call $var_set (call $named (local.get $number)) (call $alloc (i64.const 1000)))
        (br $again))`,
  },
  'sets a variable that is too large': {
    ends: 'limit',
    with: NAMED,
    act: '(call $var_set (call $named (i64.const 1)) (call $alloc (i64.const 16000000)))',
  },
  'catches that its variables are full, and goes on': {
    ends: 'limit',
    with: NAMED,
    act: `(try
      (do (call $var_set (call $named (i64.const 1)) (call $alloc (i64.const 16000000)))) (catch_all))`,
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
  'calls a kernel function by another type': {
    ends: 'trap',
    with: '(type $other (func (param i32))) (table 1 funcref) (elem (i32.const 0) $alloc)',
    act: '(call_indirect (type $other) (i32.const 1) (i32.const 0))',
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
  'hands over what is not a block': { ends: 'trap', act: '(drop (call $config_get (i64.const 4096)))' },
  'hands over the inside of a block': {
    ends: 'trap',
    act: '(drop (call $config_get (i64.add (call $alloc (i64.const 100)) (i64.const 1))))',
  },
  'hands over a block twice': {
    ends: 'trap',
    act: `(local $block i64) (local.set $block (call $alloc (i64.const 10)))
      (drop (call $config_get (local.get $block))) (drop (call $config_get (local.get $block)))`,
  },
  'hands over a negative handle': { ends: 'trap', act: '(drop (call $var_get (i64.const -1)))' },
  'hands over a handle beyond 32 bits': {
    ends: 'trap',
    act: '(drop (call $var_get (i64.add (call $alloc (i64.const 8)) (i64.const 0x100000000))))',
  },
  'answers with more than it may': {
    ends: 'limit',
    failsStarting: false,
    act: '(call $output_set (call $alloc (i64.const 17000000)) (i64.const 17000000))',
  },
  'sets an error and traps': {
    ends: 'plugin',
    with: NAMED,
    act: '(call $error_set (call $named (i64.const 0x21))) unreachable',
  },
  'sets an error of all the memory it has': {
    ends: 'plugin',
    failsStarting: false,
    act: '(call $error_set (call $alloc (i64.const 10000000)))',
  },
};

/** The hostile plugins. All of them need metering to be stopped; those that end by themselves do so without. */
export const HOSTILE_PLUGINS: readonly HostilePlugin[] = Object.entries(ACTS).map(([name, act]) => ({
  name,
  ends: act.ends,
  bytes: () => wat(moduleOf(act, '(func (export "run") (call $act))')),
  waiting: () =>
    wat(
      moduleOf(act, '(func (export "run") (call $wait) (call $act))', '(import "app" "wait" (func $wait))'),
    ),
  starting: (how) => wat(moduleOf(act, STARTS[how])),
  failsStarting: act.failsStarting ?? true,
}));

const STARTS = {
  start: '(start $act) (func (export "run"))',
  _initialize: '(export "_initialize" (func $act)) (func (export "run"))',
} as const;

function moduleOf({ with: beside = '', act }: Act, entry: string, imports = ''): string {
  return `(module ${IMPORTS} ${imports}
    (memory (export "memory") 1)
    ${beside}
    (func $act ${act})
    ${entry}
    (func (export "echo") (call $output_set (call $input_offset) (call $input_length))))`;
}

// Hostile plugins of the Extism ABI.

import type { Act, Acts, Convention } from './act.ts';
import { ACTS_OF_ANY } from './acts-of-any.ts';
import { wasiActs } from './wasi-acts.ts';

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

const ACTS: Acts = {
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
  'calls a kernel function by another type': {
    ends: 'trap',
    with: '(type $other (func (param i32))) (table 1 funcref) (elem (i32.const 0) $alloc)',
    act: '(call_indirect (type $other) (i32.const 1) (i32.const 0))',
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
    starting: 'well',
    act: '(call $output_set (call $alloc (i64.const 17000000)) (i64.const 17000000))',
  },
  'sets an error and traps': {
    ends: 'plugin',
    with: NAMED,
    act: '(call $error_set (call $named (i64.const 0x21))) unreachable',
  },
  'sets an error of all the memory it has': {
    ends: 'plugin',
    starting: 'well',
    act: '(call $error_set (call $alloc (i64.const 10000000)))',
  },
};

const STARTS = {
  start: '(start $act)',
  _initialize: '(export "_initialize" (func $act))',
} as const;

const EMPTY = '(func (export "run"))';

/** How they are written. */
export const EXTISM: Convention = {
  abi: 'extism',
  acts: { ...ACTS_OF_ANY, ...wasiActs('never'), ...ACTS },
  running: (act) => moduleOf(act, '(func (export "run") (call $act))'),
  waiting: (act) =>
    moduleOf(act, '(func (export "run") (call $wait) (call $act))', '(import "app" "wait" (func $wait))'),
  starting: (act, how) => moduleOf(act, `${STARTS[how]} ${EMPTY}`),
};

function moduleOf({ with: beside = '', act, imports: own = '' }: Act, entry: string, imports = ''): string {
  return `(module ${IMPORTS} ${imports} ${own}
    (memory (export "memory") 1)
    ${beside}
    (func $act ${act})
    ${entry}
    (func (export "echo") (call $output_set (call $input_offset) (call $input_length))))`;
}

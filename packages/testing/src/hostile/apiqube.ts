// Hostile plugins of the ApiQube ABI.
import type { Act, Acts, Convention } from './act.ts';
import { ACTS_OF_ANY } from './acts-of-any.ts';
import { wasiActs } from './wasi-acts.ts';

const IMPORTS = `
  (import "apiqube" "host_log" (func $log (param i32 i32 i32)))
  (import "apiqube" "host_emit_event" (func $emit (param i32 i32)))
  (import "apiqube" "host_http_request" (func $http (param i32 i32) (result i64)))`;

const ASK = '(drop (call $http (i32.const 0) (i32.const 2)))';

const ACTS: Acts = {
  'floods the log': {
    ends: 'never',
    act: '(loop $again (call $log (i32.const 1) (i32.const 0) (i32.const 2)) (br $again))',
  },
  'floods the log with long lines': {
    ends: 'never',
    act: '(loop $again (call $log (i32.const 1) (i32.const 0) (i32.const 65536)) (br $again))',
  },
  'logs from outside of its memory, again and again': {
    ends: 'never',
    act: '(loop $again (call $log (i32.const -1) (i32.const -1) (i32.const -1)) (br $again))',
  },
  'floods its host with requests': {
    ends: 'limit',
    inStart: 'never',
    act: `(loop $again ${ASK} (br $again))`,
  },
  'catches that it made too many requests, and answers': {
    ends: 'limit',
    inStart: 'well',
    act: `(local $left i32) (local.set $left (i32.const 2000))
      (loop $again (try (do ${ASK}) (catch_all))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`,
  },
  'floods its host with events': {
    ends: 'limit',
    inStart: 'never',
    act: '(loop $again (call $emit (i32.const 0) (i32.const 2)) (br $again))',
  },
  'answers from outside of its memory': {
    ends: 'trap',
    starting: 'well',
    act: '(global.set $answer (i64.const -1))',
  },
  'answers with more than it has': {
    ends: 'trap',
    starting: 'well',
    act: '(global.set $answer (i64.const 0x7fffffff))',
  },
};

const STARTS = { start: '(start $act)', _initialize: '(export "_initialize" (func $act))' } as const;

/** How they are written. */
export const APIQUBE: Convention = {
  abi: 'apiqube',
  acts: { ...ACTS_OF_ANY, ...wasiActs('well'), ...ACTS },
  running: (act) => moduleOf(act, '(call $act)'),
  waiting: (act) => moduleOf(act, `${ASK} (call $act)`),
  starting: (act, how) => moduleOf(act, '', STARTS[how]),
};

function moduleOf({ with: beside = '', act, imports = '' }: Act, run: string, start = ''): string {
  return `(module ${IMPORTS} ${imports}
    (memory (export "memory") 1)
    (data (i32.const 0) "{}")
    (global $answer (mut i64) (i64.const 0))
    ${beside}
    (func $act ${act})
    ${start}
    (func (export "plugin_info") (result i64) (i64.const 2))
    (func (export "allocate") (param $size i32) (result i64)
      (i64.or (i64.shl (i64.const 4096) (i64.const 32)) (i64.extend_i32_u (local.get $size))))
    (func (export "run") (result i64) ${run} (global.get $answer))
    (func (export "echo") (param i64) (result i64) (local.get 0)))`;
}

// Hostile plugins of the waPC ABI.
import type { Act, Acts, Convention } from './act.ts';
import { ACTS_OF_ANY } from './acts-of-any.ts';
import { wasiActs } from './wasi-acts.ts';

const IMPORTS = `
  (import "wapc" "__guest_request" (func $guest_request (param i32 i32)))
  (import "wapc" "__guest_response" (func $guest_response (param i32 i32)))
  (import "wapc" "__guest_error" (func $guest_error (param i32 i32)))
  (import "wapc" "__host_call" (func $host_call (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wapc" "__host_response" (func $host_response (param i32)))
  (import "wapc" "__console_log" (func $console_log (param i32 i32)))`;

// Binding `link`, namespace `app` and operation `wait`, with a payload of nothing.
const ASK = `(drop (call $host_call
  (i32.const 64) (i32.const 4) (i32.const 68) (i32.const 3) (i32.const 71) (i32.const 4) (i32.const 0) (i32.const 0)))`;

const ACTS: Acts = {
  'floods its response': {
    ends: 'never',
    inStart: 'trap',
    act: '(loop $again (call $guest_response (i32.const 0) (i32.const 65536)) (br $again))',
  },
  'floods its error': {
    ends: 'never',
    inStart: 'trap',
    act: '(loop $again (call $guest_error (i32.const 0) (i32.const 65536)) (br $again))',
  },
  'floods the log': {
    ends: 'never',
    inStart: 'trap',
    act: '(loop $again (call $console_log (i32.const 64) (i32.const 11)) (br $again))',
  },
  'floods the log with long lines': {
    ends: 'never',
    inStart: 'trap',
    act: '(loop $again (call $console_log (i32.const 0) (i32.const 65536)) (br $again))',
  },
  'asks for its request again and again': {
    ends: 'never',
    act: '(loop $again (call $guest_request (i32.const 4096) (i32.const 8192)) (br $again))',
  },
  'floods its host with calls': { ends: 'limit', inStart: 'trap', act: `(loop $again ${ASK} (br $again))` },
  'catches that it made too many host calls, and answers': {
    ends: 'limit',
    inStart: 'trap',
    act: `(local $left i32) (local.set $left (i32.const 2000))
      (loop $again (try (do ${ASK}) (catch_all))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`,
  },
  'answers with more than it has': {
    ends: 'trap',
    act: '(call $guest_response (i32.const 0) (i32.const -1))',
  },
  'has an error outside of its memory': {
    ends: 'trap',
    act: '(call $guest_error (i32.const 65530) (i32.const 7))',
  },
  'wants its request outside of its memory': {
    ends: 'trap',
    inStart: 'well',
    act: '(call $guest_request (i32.const -1) (i32.const -1))',
  },
  'lies about the length of a payload': {
    ends: 'trap',
    act: `(drop (call $host_call
      (i32.const 64) (i32.const 4) (i32.const 68) (i32.const 3) (i32.const 71) (i32.const 4) (i32.const 0) (i32.const -1)))`,
  },
  'catches that it pointed outside of its memory': {
    ends: 'trap',
    act: '(try (do (call $guest_response (i32.const 0) (i32.const -1))) (catch_all))',
  },
  'sets an error and traps': {
    ends: 'plugin',
    inStart: 'trap',
    act: '(call $guest_error (i32.const 64) (i32.const 4)) unreachable',
  },
};

const STARTS = { start: '(start $act)', _initialize: '(export "_initialize" (func $act))' } as const;

/** How they are written. */
export const WAPC: Convention = {
  abi: 'wapc',
  acts: { ...ACTS_OF_ANY, ...wasiActs('well'), ...ACTS },
  running: (act) => moduleOf(act, '(call $act)'),
  waiting: (act) => moduleOf(act, `${ASK} (call $act)`),
  starting: (act, how) => moduleOf(act, '', STARTS[how]),
};

// An operation of three letters is `run`; every other one answers with its payload.
function moduleOf({ with: beside = '', act, imports = '' }: Act, run: string, start = ''): string {
  return `(module ${IMPORTS} ${imports}
    (memory (export "memory") 1)
    (data (i32.const 64) "linkappwait")
    ${beside}
    (func $act ${act})
    ${start}
    (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32)
      (if (i32.eq (local.get $operation) (i32.const 3)) (then ${run} (return (i32.const 1))))
      (call $guest_request (i32.const 4096) (i32.const 8192))
      (call $guest_response (i32.const 8192) (local.get $payload))
      (i32.const 1)))`;
}

// Modules that would run for as long as anybody lets them: by every means that there is to come back to the same code.
import { wat } from '@plugbay/testing';
import { body, moduleOf, section, text } from './corpus.ts';

/** A module, and the function in it that does not end when it is called with 1. */
export interface EndlessModule {
  readonly name: string;
  readonly call: string;
  bytes(): Promise<Uint8Array>;
}

const WAT: Readonly<Record<string, string>> = {
  'a loop': '(func (export "run") (param i32) (loop (br 0)))',
  'a loop by br_table': '(func (export "run") (param i32) (loop (br_table 0 0 (local.get 0))))',
  'a loop within a loop that ends': `(func (export "run") (param i32) (local i32)
    (loop (local.set 1 (i32.const 3))
      (loop (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
      (br 0)))`,
  'a loop that calls short functions': `
    (func $b) (func $a (call $b)) (func (export "run") (param i32) (loop (call $a) (br 0)))`,
  'a tree of calls': `(func $run (export "run") (param i32) (call $tree (i32.const 60)))
    (func $tree (param i32)
      (if (local.get 0) (then
        (call $tree (i32.sub (local.get 0) (i32.const 1)))
        (call $tree (i32.sub (local.get 0) (i32.const 1))))))`,
  'a tree of calls from loops': `(func $run (export "run") (param i32) (call $tree (i32.const 60)))
    (func $tree (param i32) (local i32)
      (loop $twice
        (if (local.get 0) (then (call $tree (i32.sub (local.get 0) (i32.const 1)))))
        (br_if $twice (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 2)))))`,
  'a tree of different functions': `
    (func $f0)
    ${Array.from({ length: 60 }, (_, index) => `(func $f${index + 1} ${`(call $f${index})`.repeat(4)})`).join('\n')}
    (func (export "run") (param i32) (call $f60))`,
  'a tree of calls through a table': `(type $tree (func (param i32)))
    (table funcref (elem $tree))
    (func $tree (type $tree)
      (if (local.get 0) (then
        (call_indirect (type $tree) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))
        (call_indirect (type $tree) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
    (func (export "run") (param i32) (call $tree (i32.const 60)))`,
  'tail calls': '(func $run (export "run") (param i32) (return_call $run (local.get 0)))',
  'tail calls in a circle': `
    (func $a (export "run") (param i32) (return_call $b (local.get 0)))
    (func $b (param i32) (return_call $c (local.get 0)))
    (func $c (param i32) (return_call $a (local.get 0)))`,
  'tail calls through a table': `(type $f (func (param i32)))
    (table funcref (elem $run))
    (func $run (export "run") (type $f) (return_call_indirect (type $f) (local.get 0) (i32.const 0)))`,
  'exceptions that are caught': `(tag $e)
    (func (export "run") (param i32) (loop $again (try (do (throw $e)) (catch $e)) (br $again)))`,
  'a loop from within a try_table': `(tag $e)
    (func (export "run") (param i32) (loop $again (try_table (catch_all $again) (throw $e))))`,
  'tail calls from a catch': `(tag $e)
    (func $run (export "run") (param i32) (try (do (throw $e)) (catch_all)) (return_call $run (local.get 0)))`,
  'memory that is filled': `(memory 16)
    (func $run (export "run") (param i32) (call $tree (i32.const 60)))
    (func $tree (param i32)
      (memory.fill (i32.const 0) (local.get 0) (i32.mul (memory.size) (i32.const 65536)))
      (if (local.get 0) (then
        (call $tree (i32.sub (local.get 0) (i32.const 1)))
        (call $tree (i32.sub (local.get 0) (i32.const 1))))))`,
};

// (func $run (type 0) (return_call_ref 0 (local.get 0) (ref.func 0)))
const BY_REFERENCE = moduleOf(
  section(1, 1, 0x60, 1, 0x7f, 0),
  section(3, 1, 0),
  section(7, 1, ...text('run'), 0, 0),
  section(10, 1, ...body([0], 0x20, 0, 0xd2, 0, 0x15, 0)),
);

/** The modules. */
export const ENDLESS: readonly EndlessModule[] = [
  ...Object.entries(WAT).map(([name, source]) => ({
    name,
    call: 'run',
    bytes: () => wat(`(module ${source})`),
  })),
  { name: 'tail calls through a reference', call: 'run', bytes: async () => BY_REFERENCE },
];

// Modules that mean harm before anything of them runs: a host has to refuse them, and to say why.
import type { ErrorCode } from '@plugbay/core';
import { wat } from './wat.ts';

/** A module that no plugin may be opened from. */
export interface HostileModule {
  /** What it is, as in "a module with …". */
  readonly name: string;
  /** The code of the error. */
  readonly code: ErrorCode;
  /** The error's message. */
  readonly message: string | RegExp;
  bytes(): Promise<Uint8Array>;
}

const MANY_EXPORTS = 900_000;
const LARGE_BODY_BYTES = 7_000_000;
const LARGE_TABLE_ENTRIES = 100_001;

const RUN = '(func (export "run"))';
const KERNEL = '(import "extism:host/env" "input_length" (func (result i64)))';

const text = (source: string) => (): Promise<Uint8Array> => wat(`(module ${source})`);

/** The modules. */
export const HOSTILE_MODULES: readonly HostileModule[] = [
  {
    name: 'no module at all',
    code: 'invalid',
    message: '8 bytes are not a WebAssembly module',
    bytes: async () => Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0),
  },
  {
    name: '900,000 exports',
    code: 'limit',
    message: /exports/,
    bytes: async () => manyExports(MANY_EXPORTS),
  },
  {
    name: 'a function of 7 MB',
    code: 'limit',
    message: /bytes in one function/,
    bytes: async () => largeBody(LARGE_BODY_BYTES),
  },
  {
    name: 'a table that is too large',
    code: 'limit',
    message: 'the module has 100001 entries in one table; at most 100000 are let in',
    bytes: text(`(table ${LARGE_TABLE_ENTRIES} funcref) ${RUN}`),
  },
  {
    name: 'more tables than compilers make',
    code: 'limit',
    message: 'the module has 5 tables; at most 4 are let in',
    bytes: text(`${'(table 1 funcref) '.repeat(5)} ${RUN}`),
  },
  {
    name: 'two memories',
    code: 'limit',
    message: 'the module has 2 memories; at most 1 are let in',
    bytes: text(`(memory 1) (memory 1) ${RUN}`),
  },
  {
    name: 'more memory than it may have',
    code: 'limit',
    message: 'the module starts with 65536 pages of memory; memoryPages is 1024',
    bytes: text(`(memory 65536) ${RUN}`),
  },
  {
    name: 'a shared memory',
    code: 'unsupported',
    message: 'the module uses a shared memory, which this engine does not let in',
    bytes: text(`(memory 1 2 shared) ${RUN}`),
  },
  {
    name: 'a memory of 64-bit addresses',
    code: 'unsupported',
    message: 'the module uses 64-bit addresses, which this engine does not let in',
    bytes: text(`(memory i64 1) ${RUN}`),
  },
  {
    name: 'types of the garbage collector',
    code: 'unsupported',
    message: 'the module uses garbage-collected types, which this engine does not let in',
    bytes: text(`(type $pair (struct (field i64) (field i64))) ${RUN}`),
  },
  {
    name: 'an import from a namespace of ours',
    code: 'invalid',
    message: 'the module imports memory from plugbay:host, which is reserved',
    bytes: text(`${KERNEL} (import "plugbay:host" "memory" (memory 1)) ${RUN}`),
  },
  {
    name: 'an export of a name of ours',
    code: 'invalid',
    message: 'the module exports plugbay:take, a name that is reserved',
    bytes: text(`${KERNEL} ${RUN} (func (export "plugbay:take") (param i32) (result i32) (i32.const 80))`),
  },
  {
    name: 'an import of the kernel’s own side',
    code: 'invalid',
    message: /extism:host\/env begin/,
    bytes: text(`(import "extism:host/env" "begin" (func (param i32) (result i32))) ${RUN}`),
  },
  {
    name: 'a kernel function of another type',
    code: 'invalid',
    message: /alloc as a function \(i32\) -> i32; it is a function \(i64\) -> i64/,
    bytes: text(`(import "extism:host/env" "alloc" (func (param i32) (result i32))) ${RUN}`),
  },
  {
    name: 'the kernel’s memory as an import',
    code: 'invalid',
    message: /extism:host\/env memory: memory/,
    bytes: text(`${KERNEL} (import "extism:host/env" "memory" (memory 1)) ${RUN}`),
  },
  {
    name: 'imports named like what every object has',
    code: 'invalid',
    message:
      'the module imports what nobody provides: __proto__ constructor: () -> (); toString __proto__: () -> ()',
    bytes: text(
      `(import "__proto__" "constructor" (func)) (import "toString" "__proto__" (func)) ${KERNEL} ${RUN}`,
    ),
  },
  // What a host adds to a module comes after all that the module has: an index beyond must not reach it.
  ...beyond('a global that it does not have', '(global.set 0 (i64.const -1))'),
  ...beyond('the next global that it does not have', '(global.set 1 (i64.const 0x7fffffff))'),
  ...beyond('a memory that it does not have', '(i32.store (i32.const 32) (i32.const -1))'),
  ...beyond('a function that it does not have', '(call 9)'),
  ...beyond('a tag that it does not have', '(throw 0)'),
  ...beyond('a data segment that it does not have', '(data.drop 0)'),
  ...beyond('an element segment that it does not have', '(elem.drop 0)'),
];

function beyond(name: string, instruction: string): HostileModule[] {
  return [
    {
      name: `a use of ${name}`,
      code: 'invalid',
      message: /./,
      bytes: text(`${KERNEL} (func (export "run") ${instruction})`),
    },
  ];
}

// (module (func) (export "0" (func 0)) (export "1" (func 0)) …)
function manyExports(count: number): Uint8Array {
  const entries: number[] = [];
  for (let index = 0; index < count; index++) {
    const name = Buffer.from(index.toString(36));
    entries.push(name.length, ...name, 0, 0);
  }
  return binary(
    section(1, [1, 0x60, 0, 0]),
    section(3, [1, 0]),
    section(7, [...unsigned(count)], entries),
    [10, 4, 1, 2, 0, 0x0b],
  );
}

// (module (func (export "run") nop nop …))
function largeBody(bytes: number): Uint8Array {
  const size = unsigned(bytes + 2);
  return binary(
    section(1, [1, 0x60, 0, 0]),
    section(3, [1, 0]),
    section(7, [1, 3, ...Buffer.from('run'), 0, 0]),
    section(10, [1, ...size, 0], new Uint8Array(bytes).fill(0x01), [0x0b]),
  );
}

function binary(...parts: ArrayLike<number>[]): Uint8Array {
  return concatenated([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...parts);
}

function section(id: number, ...parts: ArrayLike<number>[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concatenated([id, ...unsigned(length)], ...parts);
}

function concatenated(...parts: ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

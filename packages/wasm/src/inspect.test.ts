import { contentAddress } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { env } from '../test/open.ts';
import { inspectModule } from './inspect.ts';

describe('inspecting a module', () => {
  it('tells what it is made of', async () => {
    const bytes = await wat(`(module
      ${env('alloc', 'get_log_level')}
      (import "kv" "get" (func (param i64) (result i64)))
      (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
      (import "kv" "set" (func (param i64) (result i64)))
      (import "env" "base" (global i32))
      (memory (export "memory") 2 16)
      (func (export "run") (result i32) (i32.const 0))
      (func $start (export "add") (param i32 i32) (result i32) (i32.const 0))
      (func $run) (start $run))`);
    expect(inspectModule(bytes)).toEqual({
      bytes: bytes.length,
      digest: contentAddress(bytes),
      abi: 'extism',
      exports: [
        { name: 'memory', kind: 'memory', callable: false },
        { name: 'run', kind: 'function', type: '() -> i32', callable: true },
        { name: 'add', kind: 'function', type: '(i32, i32) -> i32', callable: false },
      ],
      imports: [
        {
          provider: 'extism',
          module: 'extism:host/env',
          imports: [
            { name: 'alloc', kind: 'function', type: '(i64) -> i64' },
            { name: 'get_log_level', kind: 'function', type: '() -> i32' },
          ],
        },
        {
          provider: 'app',
          module: 'kv',
          imports: [
            { name: 'get', kind: 'function', type: '(i64) -> i64' },
            { name: 'set', kind: 'function', type: '(i64) -> i64' },
          ],
        },
        {
          provider: 'wasi',
          module: 'wasi_snapshot_preview1',
          imports: [{ name: 'proc_exit', kind: 'function', type: '(i32) -> ()' }],
        },
        { provider: 'app', module: 'env', imports: [{ name: 'base', kind: 'global' }] },
      ],
      memories: [{ initialPages: 2, maximumPages: 16 }],
      sections: [
        { name: 'type', bytes: 23 },
        { name: 'import', bytes: 122 },
        { name: 'function', bytes: 4 },
        { name: 'memory', bytes: 4 },
        { name: 'export', bytes: 22 },
        { name: 'start', bytes: 1 },
        { name: 'code', bytes: 14 },
      ],
      customSections: [],
      start: true,
    });
  });

  it('tells its custom sections and language', () => {
    const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
    const producers = [...text('producers'), 1, ...text('language'), 1, ...text('Rust'), ...text('')];
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, producers.length, ...producers]);
    expect(inspectModule(bytes)).toEqual({
      bytes: bytes.length,
      digest: contentAddress(bytes),
      language: 'Rust',
      exports: [],
      imports: [],
      memories: [],
      sections: [],
      customSections: [{ name: 'producers', bytes: producers.length }],
      start: false,
    });
  });

  it('does not compile it, and tells of what the guard would refuse', async () => {
    const bytes = await wat('(module (import "wapc" "x" (func)) (memory i64 1) (func (result i32)))');
    expect(inspectModule(bytes)).toMatchObject({ abi: 'wapc', memories: [{ initialPages: 1 }] });
  });
});

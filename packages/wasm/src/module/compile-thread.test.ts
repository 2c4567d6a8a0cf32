import { spawnSync } from 'node:child_process';
import { FakeClock, wat } from '@plugbay/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { extismAbi } from '../abi/extism/extism.ts';
import { EPOCH } from '../binary/added-names.ts';
import { INLINE_POLICY } from '../binary/policy.ts';
import { compileModule, type Recipe } from './compile.ts';
import { CompileThread, type CompileThreadOptions } from './compile-thread.ts';

const ONE_PAGE: Recipe = { memoryPages: 1 };
const MERGED: Recipe = { ...ONE_PAGE, companionOf: () => undefined };

const threads: CompileThread[] = [];
function newThread(options?: CompileThreadOptions): CompileThread {
  const thread = new CompileThread(options);
  threads.push(thread);
  return thread;
}

afterEach(() => {
  for (const thread of threads.splice(0)) thread.close();
});

const answering = (value: number): Promise<Uint8Array> =>
  wat(`(module (memory (export "memory") 1) (func (export "run") (result i32) (i32.const ${value})))`);

function run(module: WebAssembly.Module, imports = {}): unknown {
  const { exports } = new WebAssembly.Instance(module, imports);
  return (exports.run as () => unknown)();
}

describe('a compile thread', () => {
  it('compiles what this thread would have compiled', async () => {
    const { companion } = extismAbi();
    const bytes = await wat(`(module (import "extism:host/env" "input_length" (func (result i64)))
      (tag (param f32)) (table 2 funcref) (memory 1) (global i32 (i32.const 1)) (data (i32.const 0) "abc")
      (func (export "run") (result i64) (call 0)) (func $start) (start $start))`);
    const here = await compileModule(bytes, INLINE_POLICY, { ...ONE_PAGE, companionOf: () => companion });
    const there = await newThread().compile(bytes, INLINE_POLICY, MERGED);
    expect(there.shape).toEqual(here.shape);
    expect(there.merged).toBe(true);
    for (const list of ['imports', 'exports'] as const)
      expect(WebAssembly.Module[list](there.module)).toEqual(WebAssembly.Module[list](here.module));
  });

  it('rewrites as the recipe says', async () => {
    const thread = newThread();
    const bytes = await answering(7);
    const importsOf = async (recipe: Recipe): Promise<string[]> =>
      WebAssembly.Module.imports((await thread.compile(bytes, INLINE_POLICY, recipe)).module).map(
        ({ module, name }) => `${module} ${name}`,
      );
    expect(await importsOf(ONE_PAGE)).toEqual([]);
    expect(await importsOf({ ...ONE_PAGE, metered: true })).toEqual(['plugbay:host tick']);
    expect(await importsOf({ ...ONE_PAGE, watched: true })).toEqual([
      `${EPOCH.module} ${EPOCH.memory}`,
      `${EPOCH.module} ${EPOCH.lookUp}`,
    ]);
  });

  it.each([true, false])('merges the kernel for memories that are shared: %s', async (sharedExchange) => {
    const bytes = await wat(`(module (import "extism:host/env" "input_length" (func (result i64)))
      (func (export "run") (result i64) (call 0)))`);
    const { module } = await newThread({ sharedExchange }).compile(bytes, INLINE_POLICY, MERGED);
    const instantiate = (shared: boolean): unknown => {
      const nothing = (): number => 0;
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
      const functions = Object.fromEntries(
        WebAssembly.Module.imports(module).map(({ name }) => [name, nothing]),
      );
      return run(module, { 'plugbay:host': { ...functions, memory } });
    };
    expect(instantiate(sharedExchange)).toBe(0n);
    expect(() => instantiate(!sharedExchange)).toThrow(WebAssembly.LinkError);
  });

  it('gives each caller its own module, and the error of its own', async () => {
    const thread = newThread();
    const asked = Array.from({ length: 20 }, async (_, index) => {
      const bytes = index % 5 === 4 ? Uint8Array.of(index) : await answering(index);
      return thread.compile(bytes, INLINE_POLICY, ONE_PAGE).then(
        ({ module }) => run(module),
        (error) => error.code,
      );
    });
    const expected = Array.from({ length: 20 }, (_, index) => (index % 5 === 4 ? 'invalid' : index));
    expect(await Promise.all(asked)).toEqual(expected);
  });

  it('serves them in the order in which they come', async () => {
    const thread = newThread();
    const modules = await Promise.all([1, 2, 3].map(answering));
    const order: unknown[] = [];
    await Promise.all(
      modules.map(async (bytes) => {
        const { module } = await thread.compile(bytes, INLINE_POLICY, ONE_PAGE);
        order.push(run(module));
      }),
    );
    expect(order).toEqual([1, 2, 3]);
  });

  it('compiles the bytes as they were when it was asked, and leaves them to their owner', async () => {
    const bytes = await answering(5);
    const part = Buffer.concat([Buffer.alloc(100), bytes]).subarray(100);
    const compiling = newThread().compile(part, INLINE_POLICY, ONE_PAGE);
    part.fill(0);
    expect(run((await compiling).module)).toBe(5);
    expect(part).toHaveLength(bytes.length);
  });

  it.each([
    ['what the guard refuses', '(memory 1 1 shared)', 'unsupported'],
    ['what V8 refuses', '(func (result i32))', 'invalid'],
    ['what starts with too much memory', '(memory 2)', 'limit'],
  ])('reports %s as this thread would', async (_, content, code) => {
    const bytes = await wat(`(module ${content})`);
    const here = await failureOf(() => compileModule(bytes, INLINE_POLICY, ONE_PAGE));
    const there = await failureOf(() => newThread().compile(bytes, INLINE_POLICY, ONE_PAGE));
    expect([there.code, there.message, there.hint]).toEqual([code, here.message, here.hint]);
  });

  it('reports a module of no known calling convention with its hint', async () => {
    const bytes = await wat('(module (import "nobody" "knows" (global i32)))');
    const error = await failureOf(() => newThread().compile(bytes, INLINE_POLICY, MERGED));
    expect([error.code, typeof error.hint]).toEqual(['unsupported', 'string']);
  });

  it('fails only what it was compiling when it has no memory left', async () => {
    // 200,000 functions with a loop each: reading them takes more than this heap has.
    const function_ = [9, 0, 0x03, 0x40, 0x01, 0x01, 0x01, 0x0b, 0x01, 0x0b];
    const huge = moduleOfFunctions(200_000, function_);
    const thread = newThread({ heapMegabytes: 20 });
    const [before, crashing, after] = [
      thread.compile(await answering(1), INLINE_POLICY, ONE_PAGE),
      failureOf(() => thread.compile(huge, INLINE_POLICY, { ...ONE_PAGE, watched: true })),
      thread.compile(await answering(2), INLINE_POLICY, ONE_PAGE),
    ];
    expect(run((await before).module)).toBe(1);
    const error = await crashing;
    expect([error.code, error.message]).toEqual([
      'unavailable',
      expect.stringMatching(/^the thread that compiles the module ended: .*memory limit/),
    ]);
    expect(run((await after).module)).toBe(2);
    expect(
      (await newThread().compile(huge, INLINE_POLICY, { ...ONE_PAGE, watched: true })).shape.functions,
    ).toBe(200_000);
  });

  it('goes on after it was ended for being idle', async () => {
    const clock = new FakeClock();
    const thread = newThread({ clock });
    expect(run((await thread.compile(await answering(1), INLINE_POLICY, ONE_PAGE)).module)).toBe(1);
    clock.advance(30_000);
    expect(run((await thread.compile(await answering(2), INLINE_POLICY, ONE_PAGE)).module)).toBe(2);
  });

  it('is not ended for having been idle before', async () => {
    const clock = new FakeClock();
    const thread = newThread({ clock });
    await thread.compile(await answering(1), INLINE_POLICY, ONE_PAGE);
    const compiling = thread.compile(await answering(2), INLINE_POLICY, ONE_PAGE);
    clock.advance(60_000);
    expect(run((await compiling).module)).toBe(2);
  });

  it('compiles nothing once it is closed', async () => {
    const thread = newThread();
    const bytes = await answering(1);
    const under = [1, 2].map(() => failureOf(() => thread.compile(bytes, INLINE_POLICY, ONE_PAGE)));
    thread.close();
    const errors = [
      ...(await Promise.all(under)),
      await failureOf(() => thread.compile(bytes, INLINE_POLICY, ONE_PAGE)),
    ];
    expect(errors.map(({ code, message }) => [code, message])).toEqual(
      Array.from({ length: 3 }, () => ['unavailable', 'the thread that compiles modules is closed']),
    );
  });

  it('keeps a process alive while it compiles, and not longer', () => {
    const source = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
      import { CompileThread } from ${source('compile-thread.ts')};
      import { INLINE_POLICY } from ${source('../binary/policy.ts')};
      const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
      const thread = new CompileThread();
      const compile = async () => console.log((await thread.compile(empty, INLINE_POLICY, { memoryPages: 1 })).merged);
      // The second time, the thread was idle.
      await compile();
      await compile();
    `;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@plugbay/source', '--input-type=module', '-e', script],
      { encoding: 'utf8', timeout: 20_000 },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'false\nfalse\n', stderr: '' });
  });
});

// A module of `count` functions that take and return nothing, each of this body, its length first.
function moduleOfFunctions(count: number, body: readonly number[]): Uint8Array {
  const listed = leb(count);
  const section = (id: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([id, ...leb(content.length)]), content]);
  return Buffer.concat([
    Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    section(1, Buffer.from([1, 0x60, 0, 0])),
    section(3, Buffer.concat([Buffer.from(listed), Buffer.alloc(count)])),
    section(10, Buffer.concat([Buffer.from(listed), Buffer.alloc(count * body.length, Buffer.from(body))])),
  ]);
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

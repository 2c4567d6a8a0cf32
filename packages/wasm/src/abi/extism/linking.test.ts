import type { OpenOptions } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import type { LocalPlugin } from '@plugbay/wasm';
import { describe, expect, it } from 'vitest';
import { env, failureOf, openBytes, PUT } from '../../../test/open.ts';

async function openLinked(
  main: string,
  links: Record<string, string>,
  options: Partial<OpenOptions> = {},
): Promise<LocalPlugin> {
  return openBytes(await wat(main), options, links);
}

const code = async (plugin: LocalPlugin, name: string): Promise<number> => {
  const text = await failureOf(() => plugin.callSync(name)).then(
    ({ message }) => /code: (\d+)/.exec(message)?.[1] ?? message,
    () => '0',
  );
  return Number(text);
};

const CALLING = `(module (import "math" "answer" (func $answer (result i32)))
  (func (export "run") (result i32) (call $answer)))`;

describe('a module that imports from another', () => {
  it('gets its functions', async () => {
    const plugin = await openLinked(CALLING, {
      math: '(module (func (export "answer") (result i32) (i32.const 42)))',
    });
    expect(await code(plugin, 'run')).toBe(42);
  });

  it('gets its memory, table and globals', async () => {
    const plugin = await openLinked(
      `(module (import "store" "memory" (memory 1)) (import "store" "table" (table 1 funcref))
        (import "store" "seven" (global $seven i32))
        (type $answer (func (result i32)))
        (func (export "loaded") (result i32) (i32.load (i32.const 8)))
        (func (export "called") (result i32) (call_indirect (type $answer) (i32.const 0)))
        (func (export "global") (result i32) (global.get $seven)))`,
      {
        store: `(module (memory (export "memory") 1) (data (i32.const 8) "\\05") (global (export "seven") i32 (i32.const 7))
          (table (export "table") funcref (elem $six)) (func $six (result i32) (i32.const 6)))`,
      },
    );
    expect(await Promise.all(['loaded', 'called', 'global'].map((name) => code(plugin, name)))).toEqual([
      5, 6, 7,
    ]);
  });

  it('shares the exchange memory with it', async () => {
    const plugin = await openLinked(
      `(module (import "text" "hello" (func $hello (result i64))) ${env('output_set', 'length')}
        (func (export "run") (local $block i64)
          (local.set $block (call $hello)) (call $output_set (local.get $block) (call $length (local.get $block)))))`,
      {
        text: `(module ${env('alloc', 'store_u8')} (memory 1) (data (i32.const 0) "hello") ${PUT}
          (func (export "hello") (result i64) (call $put (i32.const 0) (i32.const 5))))`,
      },
    );
    expect(plugin.callSync('run').text()).toBe('hello');
  });

  it('prefers it to what the app provides', async () => {
    const plugin = await openLinked(
      CALLING,
      { math: '(module (func (export "answer") (result i32) (i32.const 1)))' },
      { functions: { math: { answer: () => 2 } } },
    );
    expect(await code(plugin, 'run')).toBe(1);
  });

  it('finds it initialised, once', async () => {
    const plugin = await openLinked(CALLING, {
      math: `(module (global $value (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $value (i32.add (global.get $value) (i32.const 11))))
        (func (export "answer") (result i32) (global.get $value)))`,
    });
    expect([await code(plugin, 'run'), await code(plugin, 'run')]).toEqual([11, 11]);
  });

  it('gets a fresh instance for every call when it is a command', async () => {
    const counting = (start: string) => `(module (global $value (mut i32) (i32.const 0)) ${start}
      (func (export "answer") (result i32)
        (global.set $value (i32.add (global.get $value) (i32.const 1))) (global.get $value)))`;
    const command = await openLinked(CALLING, { math: counting('(func (export "_start"))') });
    expect([await code(command, 'run'), await code(command, 'run')]).toEqual([1, 1]);
    const reactor = await openLinked(CALLING, { math: counting('') });
    expect([await code(reactor, 'run'), await code(reactor, 'run')]).toEqual([1, 2]);
  });

  it('reaches others through it, and leaves alone what nobody reaches', async () => {
    const plugin = await openLinked(CALLING, {
      math: `(module (import "deep" "value" (func $value (result i32)))
        (func (export "answer") (result i32) (i32.add (call $value) (i32.const 1))))`,
      deep: '(module (func (export "value") (result i32) (i32.const 9)))',
      trap: '(module (func $start unreachable) (start $start))',
      unlinkable: '(module (import "nobody" "knows" (func)))',
    });
    expect(await code(plugin, 'run')).toBe(10);
  });
});

describe('modules that import from each other', () => {
  const SIDE = (other: string) => `(module
    (import "${other}" "one" (func $one (param i32) (result i32)))
    (import "${other}" "two" (func $two (param i32) (result i32)))
    (func (export "one") (param $left i32) (result i32)
      (if (result i32) (i32.eqz (local.get $left)) (then (i32.const 0))
        (else (i32.add (i32.const 1) (call $two (i32.sub (local.get $left) (i32.const 1)))))))
    (func (export "two") (param $left i32) (result i32)
      (if (result i32) (i32.eqz (local.get $left)) (then (i32.const 0))
        (else (i32.add (i32.const 2) (call $one (i32.sub (local.get $left) (i32.const 1))))))))`;

  it('call each other, by all of their functions', async () => {
    const plugin = await openLinked(
      `(module (import "lhs" "one" (func $one (param i32) (result i32)))
        (func (export "run") (result i32) (call $one (i32.const 5))))`,
      { lhs: SIDE('rhs'), rhs: SIDE('lhs') },
    );
    expect(await code(plugin, 'run')).toBe(7);
  });

  it('may include the main module', async () => {
    const plugin = await openLinked(
      `(module (import "side" "twice" (func $twice (result i32)))
        (func (export "once") (result i32) (i32.const 8))
        (func (export "run") (result i32) (call $twice)))`,
      {
        side: `(module (import "main" "once" (func $once (result i32)))
          (func (export "twice") (result i32) (i32.mul (call $once) (i32.const 2))))`,
      },
    );
    expect(await code(plugin, 'run')).toBe(16);
  });

  it('can only import functions in a circle', async () => {
    const side = (other: string) =>
      `(module (import "${other}" "memory" (memory 1)) (export "memory" (memory 0)))`;
    const error = await failureOf(() =>
      openLinked('(module (import "a" "memory" (memory 1)) (func (export "run")))', {
        a: side('b'),
        b: side('a'),
      }),
    );
    expect([error.code, error.message]).toEqual([
      'invalid',
      "the modules import each other's memory (a memory); only functions can be imported in a circle",
    ]);
  });
});

describe('linked modules', () => {
  it('must export what is imported, with its type', async () => {
    const error = await failureOf(() =>
      openLinked(CALLING, { math: '(module (func (export "answer") (result i64) (i64.const 1)))' }),
    );
    expect([error.code, error.message]).toEqual([
      'invalid',
      'the module imports what nobody provides: math answer: () -> i32',
    ]);
  });

  it('have names of their own', async () => {
    for (const name of ['main', 'twin']) {
      const bytes = await wat('(module (func (export "run")))');
      const links = [{ name, bytes }, ...(name === 'twin' ? [{ name, bytes }] : [])];
      const { createInlineRuntime } = await import('../../mod.ts');
      const opened = createInlineRuntime().open(
        { name: 'sample', bytes, links },
        { tenant: 'acme', door: { mode: () => undefined } as never },
      );
      expect((await failureOf(() => opened)).message).toBe(`two modules are named "${name}"`);
    }
  });

  const grows = `(func (export "grow") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size))`;

  it('share one cap on memory, exactly: the largest grows, the others stay', async () => {
    const main = (pages: number) => `(module (import "side" "grow" (func $grow (result i32)))
      (memory ${pages}) ${grows} (func (export "side") (result i32) (call $grow)))`;
    const small = await openLinked(
      main(1),
      { side: `(module (memory 3) ${grows})` },
      { limits: { memoryPages: 10 } },
    );
    expect([await code(small, 'grow'), await code(small, 'side')]).toEqual([1, 9]);
    const large = await openLinked(
      main(4),
      { side: `(module (memory 3) ${grows})` },
      { limits: { memoryPages: 10 } },
    );
    expect([await code(large, 'grow'), await code(large, 'side')]).toEqual([7, 3]);
    const error = await failureOf(() =>
      openLinked(main(8), { side: `(module (memory 3) ${grows})` }, { limits: { memoryPages: 10 } }),
    );
    expect([error.code, error.message]).toEqual([
      'limit',
      'the modules start with 11 pages of memory; memoryPages is 10',
    ]);
  });
});

// Calls, host functions and errors, beyond what the SDK's own tests ask for.
import { AsyncLocalStorage } from 'node:async_hooks';
import { PlugbayError } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import type { CallContext, ExtismPluginOptions, Plugin } from '@plugbay/wasm/extism';
import { describe, expect, it } from 'vitest';
import { env, failureOf } from '../../../test/open.ts';
import { compiled, manifestOf } from '../../../test/parity/modules.ts';
import { PLACES } from '../../../test/places.ts';

describe.each(PLACES)('$name', ({ create, runInWorker }) => {
  type HelloWorld = (context: CallContext, block: bigint) => unknown;

  const withHello = async (hello_world: HelloWorld, options: ExtismPluginOptions = {}): Promise<Plugin> =>
    create(await manifestOf('count-vowels-host'), {
      ...options,
      functions: { 'extism:host/user': { hello_world } },
    });

  const thrownBy = async (hello_world: HelloWorld): Promise<unknown> => {
    const plugin = await withHello(hello_world);
    return plugin.call('count_vowels', 'a').catch((thrown: unknown) => thrown);
  };

  describe('a call rejects with', () => {
    it('whatever a host function threw', async () => {
      for (const thrown of [new PlugbayError('conflict', 'x'), 'a text', undefined, { code: 1 }])
        expect(
          await thrownBy(() => {
            throw thrown;
          }),
        ).toBe(thrown);
    });

    it('what an asynchronous one threw, before and after it waited', async () => {
      const thrown = new Error('x');
      expect(await thrownBy(async () => Promise.reject(thrown))).toBe(thrown);
      expect(
        await thrownBy(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          throw thrown;
        }),
      ).toBe(thrown);
    });

    it('what a host function threw although it had set an error', async () => {
      const thrown = new Error('x');
      expect(
        await thrownBy((context) => {
          context.setError('y');
          throw thrown;
        }),
      ).toBe(thrown);
    });

    it('a TypeError when a host function returns nothing where an i64 is wanted', async () => {
      for (const value of [undefined, null, 5]) {
        const error = await thrownBy(() => value);
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toBe(`Cannot convert ${value} to a BigInt`);
      }
      const plugin = await create(await compiled('count-vowels-host'), {
        functions: { 'extism:host/user': { hello_world: () => undefined } },
      });
      const error = await failureOf(() => plugin.call('count_vowels', 'a'));
      expect([error.constructor, error.message]).toEqual([TypeError, 'Cannot convert undefined to a BigInt']);
    });

    it('what to do about a host function that returns a promise without being async, where it cannot wait', async () => {
      const plugin = await withHello((context, block) =>
        Promise.resolve(context.store(`${context.read(block)?.text()}, later`)),
      );
      const outcome = await plugin.call('count_vowels', 'a').then(
        (output) => output?.text(),
        ({ code, hint }: PlugbayError) => [code, hint],
      );
      const advice = 'Make it an async function, or declare it with asynchronous() of @plugbay/core.';
      expect(outcome).toEqual(runInWorker ? '{"count": 1}, later' : ['unsupported', advice]);
    });

    it('the trap itself, also when the plugin had set an error', async () => {
      const plugin = await create(await manifestOf('unreachable'));
      for (const name of ['do_unreachable', 'report_and_crash']) {
        const error = await failureOf(() => plugin.call(name));
        expect([error.constructor, error.message]).toEqual([WebAssembly.RuntimeError, 'unreachable']);
      }
    });

    it('an error of the plugin, and its text is not mistaken for a return code', async () => {
      const plugin = await withHello((context, block) => {
        context.setError('Returned non-zero exit code: 9');
        return block;
      });
      const error = await failureOf(() => plugin.call('count_vowels', 'a'));
      expect([error.code, error.message]).toEqual([
        'plugin',
        'Plugin-originated error: Returned non-zero exit code: 9',
      ]);
    });

    it('a text for what is exported and no function', async () => {
      const plugin = await create(await manifestOf('hello'));
      expect((await failureOf(() => plugin.call('memory'))).message).toBe(
        'Plugin error: export "memory" is not a function',
      );
      expect(await plugin.functionExists('memory')).toBe(false);
    });

    it('an error when the plugin is closed', async () => {
      const plugin = await create(await manifestOf('hello'));
      await plugin.close();
      expect(await failureOf(() => plugin.call('hello'))).toMatchObject({ code: 'unavailable' });
    });
  });

  describe('a plugin is not reentrant', () => {
    it('when it waits for an asynchronous host function either', async () => {
      let inner: PlugbayError | undefined;
      const plugin: Plugin = await withHello(async (_, block) => {
        inner = await failureOf(() => plugin.call('count_vowels', 'x'));
        return block;
      });
      expect((await plugin.call('count_vowels', 'aa'))?.json()).toEqual({ count: 2 });
      expect([inner?.code, inner?.message]).toEqual(['conflict', 'plugin is not reentrant']);
    });

    it('so that many calls at the same time wait for each other, each with its own input and context', async () => {
      const plugin = await withHello(async (context) => {
        await new Promise((resolve) => setImmediate(resolve));
        return context.store(String(context.hostContext()));
      });
      const calls = Array.from({ length: 200 }, (_, index) =>
        plugin.call('count_vowels', 'a'.repeat(index), index),
      );
      expect(plugin.isActive()).toBe(true);
      const answers = (await Promise.all(calls)).map((output) => Number(output?.text()));
      expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => index));
      expect(plugin.isActive()).toBe(false);
    });
  });

  describe('a host function runs as part of its call', () => {
    it('so that what the app keeps by asynchronous context is that of who called', async () => {
      const storage = new AsyncLocalStorage<string>();
      const plugin = await withHello(async (context) => {
        const before = storage.getStore();
        await new Promise((resolve) => setImmediate(resolve));
        return context.store(`${before} ${storage.getStore()}`);
      });
      const call = async (name: string): Promise<string | undefined> =>
        (await storage.run(name, () => plugin.call('count_vowels', 'a')))?.text();
      expect(await Promise.all(['one', 'two', 'three'].map(call))).toEqual([
        'one one',
        'two two',
        'three three',
      ]);
    });

    it('so that whoever is called by somebody else waits for its turn, and is not refused', async () => {
      const goOn: (() => void)[] = [];
      const slow = await withHello(async (context, block) => {
        if (context.hostContext() === 'called by another') return block;
        const answer = await other.call('count_vowels', 'aa');
        await new Promise<void>((resolve) => void goOn.push(resolve));
        return context.store(`${answer?.text()} from the other`);
      });
      const other = await withHello((_, block) => block);
      const another = await withHello(async (_, block) => {
        const call = slow.call('count_vowels', 'a', 'called by another');
        goOn[0]?.();
        await call;
        return block;
      });
      const first = slow.call('count_vowels', 'a');
      while (goOn.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect((await another.call('count_vowels', 'aaa'))?.text()).toBe('{"count": 3}');
      expect((await first)?.text()).toBe('{"count": 2} from the other');
    });

    it('so that a plugin that calls itself by way of another one is refused', async () => {
      let inner: PlugbayError | undefined;
      const plugin = await withHello(async (_, block) => {
        await other.call('count_vowels', 'a');
        return block;
      });
      const other = await withHello(async (_, block) => {
        inner = await failureOf(() => plugin.call('count_vowels', 'a'));
        return block;
      });
      expect((await plugin.call('count_vowels', 'aa'))?.json()).toEqual({ count: 2 });
      expect(inner?.message).toBe('plugin is not reentrant');
    });
  });

  describe('the context of host functions', () => {
    it('is one object for all calls, has the context of the running one, and null between them', async () => {
      const seen: [CallContext, unknown][] = [];
      const plugin = await withHello((context, block) => {
        seen.push([context, context.hostContext()]);
        return block;
      });
      await plugin.call('count_vowels', 'a', 'one');
      await plugin.call('count_vowels', 'a', 'two');
      const [[context, first], [again, second]] = seen as [[CallContext, string], [CallContext, string]];
      expect([first, second, context === again, context.hostContext()]).toEqual(['one', 'two', true, null]);
    });

    it('reads and allocates what there is, and nothing else', async () => {
      const plugin = await withHello((context, block) => {
        expect(context.read(Number(block))?.text()).toBe('{"count": 1}');
        for (const at of [0, 0n, -1n, block + 1n, 2n ** 63n, 123_456_789n]) {
          expect(context.read(at)).toBe(null);
          expect(context.length(BigInt(at))).toBe(0n);
        }
        expect([context.alloc(0), context.store(''), context.store(new Uint8Array(0))]).toEqual([0n, 0n, 0n]);
        expect(context.length(context.alloc(5n))).toBe(5n);
        for (const size of [-1, 1.5, Number.NaN, -1n]) expect(() => context.alloc(size)).toThrow(RangeError);
        return block;
      });
      expect((await plugin.call('count_vowels', 'a'))?.json()).toEqual({ count: 1 });
    });

    it('takes an error of any form, and takes it back', async () => {
      const outcome = async (...errors: (string | Error | null | undefined)[]): Promise<unknown> => {
        const plugin = await withHello((context, block) => {
          for (const error of errors) context.setError(error);
          return block;
        });
        return plugin.call('count_vowels', 'a').then(
          (output) => output?.text(),
          (error: Error) => error.message,
        );
      };
      expect(await outcome(new Error('boom'))).toBe('Plugin-originated error: boom');
      for (const nothing of [undefined, null, '']) expect(await outcome('x', nothing)).toBe('{"count": 1}');
    });

    it('keeps empty variables, and values that nobody else can change', async () => {
      const plugin = await withHello((context, block) => {
        const value = Uint8Array.of(1, 2, 3);
        context.setVariable('bytes', value);
        value[0] = 9;
        context.getVariable('bytes')?.bytes().fill(7);
        expect([...(context.getVariable('bytes')?.bytes() ?? [])]).toEqual([1, 2, 3]);
        context.setVariable('empty', '');
        expect(context.getVariable('empty')?.byteLength).toBe(0);
        return block;
      });
      await plugin.call('count_vowels', 'a');
    });

    it('is there while the plugin starts', async () => {
      const source = `(module (import "app" "note" (func $note (param i64) (result i32)))
      ${env('alloc')}
      (func $start (drop (call $note (call $alloc (i64.const 3)))))
      (start $start)
      (func (export "run")))`;
      const seen: unknown[] = [];
      const note = (context: CallContext, block: bigint): void =>
        void seen.push(context.read(block)?.byteLength, context.hostContext());
      await create({ wasm: [{ data: await wat(source) }] }, { functions: { app: { note } } });
      expect(seen).toEqual([3, null]);
      const thrown = new Error('not today');
      const refuse = (): never => {
        throw thrown;
      };
      const refused = create(
        { wasm: [{ data: await wat(source) }] },
        { functions: { app: { note: refuse } } },
      );
      expect(await refused.catch((error: unknown) => error)).toBe(thrown);
    });

    it('has the level that the plugin sees, from then on', async () => {
      const lines: string[] = [];
      const keep = (text: string): void => void lines.push(text);
      const logger = { trace: keep, debug: keep, info: keep, warn: keep, error: keep };
      const source = `(module (import "app" "louder" (func $louder)) ${env('alloc', 'store_u8', 'log_warn')}
      (func $log (local $text i64)
        (local.set $text (call $alloc (i64.const 1)))
        (call $store_u8 (local.get $text) (i32.const 33))
        (call $log_warn (local.get $text)))
      (func (export "run") (call $log) (call $louder) (call $log)))`;
      const louder = (context: CallContext): void => {
        context.logLevel = 'warn';
      };
      const plugin = await create(
        { wasm: [{ data: await wat(source) }] },
        { functions: { app: { louder } }, logger },
      );
      await plugin.call('run');
      expect(lines).toEqual(['!']);
    });
  });

  describe('host functions of other types', () => {
    it('get numbers and bigints, and their results become what wasm wants', async () => {
      const source = `(module
      (import "app" "sum" (func $sum (param i32 i64 f32 f64) (result f64)))
      (import "app" "yes" (func $yes (result i32)))
      (import "app" "nothing" (func $nothing (result i32)))
      (func (export "run") (result i32)
        (i32.ne (i32.const 20)
          (i32.add
            (i32.add (call $yes) (call $nothing))
            (i32.trunc_f64_s (call $sum (i32.const 4) (i64.const 5) (f32.const 6.5) (f64.const 3.5)))))))`;
      const functions = {
        app: {
          sum: (_: CallContext, a: number, b: bigint, c: number, d: number) => a + Number(b) + c + d,
          yes: () => true,
          nothing: () => undefined,
        },
      };
      const plugin = await create({ wasm: [{ data: await wat(source) }] }, { functions });
      expect(await plugin.call('run')).toBe(null);
    });
  });

  describe('the instance', () => {
    if (runInWorker) {
      it('is not to be had, and the error says why', async () => {
        const plugin = await create(await manifestOf('globals'));
        const error = await failureOf(() => plugin.getInstance());
        expect([error.code, error.message, error.hint]).toEqual([
          'unsupported',
          'the instance of a plugin in a worker is on another thread',
          'Create the plugin without runInWorker to look at its instance.',
        ]);
      });
    } else {
      it('is one, has what the module exports and nothing else, and its functions run', async () => {
        const plugin = await create(await manifestOf('globals'), { timeoutMs: 60_000 });
        const instance = await plugin.getInstance();
        expect(instance).toBeInstanceOf(WebAssembly.Instance);
        const names = (await plugin.getExports()).map(({ name }) => name);
        expect(Object.keys(instance.exports)).toEqual(names);
        expect((instance.exports.globals as () => number)()).toBe(0);
      });
    }
  });

  describe('an input', () => {
    it('may be a number, an ArrayBuffer, or nothing', async () => {
      const plugin = await create(await manifestOf('input-offset'));
      const text = async (input: unknown): Promise<string | undefined> =>
        (await plugin.call('input_offset', input as string))?.text();
      expect(await text(12)).toBe('12');
      expect(await text(new TextEncoder().encode('abc').buffer)).toBe('abc');
      for (const nothing of [undefined, null, '']) expect((await text(nothing)) ?? '').toBe('');
    });
  });

  describe('reset', () => {
    it('can be done before the first call, and drops what host functions kept', async () => {
      let kept: [CallContext, bigint] | undefined;
      const plugin = await withHello((context, block) => {
        kept = [context, block];
        return block;
      });
      expect(await plugin.reset()).toBe(true);
      await plugin.call('count_vowels', 'a');
      const [context, block] = kept as [CallContext, bigint];
      expect(context.read(block)?.text()).toBe('{"count": 1}');
      expect(await plugin.reset()).toBe(true);
      expect(context.read(block)).toBe(null);
    });
  });
});

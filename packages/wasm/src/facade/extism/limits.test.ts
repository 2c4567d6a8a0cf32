// Limits of memory, variables and time, as the SDK counts them.
import { wat } from '@plugbay/testing';
import type { ExtismPluginOptions } from '@plugbay/wasm/extism';
import { describe, expect, it } from 'vitest';
import { guest } from '../../../test/guests/catalogue.ts';
import { env, failureOf } from '../../../test/open.ts';
import { manifestOf, word } from '../../../test/parity/modules.ts';
import { PLACES } from '../../../test/places.ts';

describe.each(PLACES)('$name', ({ create, runInWorker }) => {
  const PAGE = 65_536;

  function keeping(): { logger: Console; lines: string[] } {
    const lines: string[] = [];
    const keep = (text: string): void => void lines.push(text);
    const logger = { trace: keep, debug: keep, info: keep, warn: keep, error: keep };
    return { lines, logger: logger as unknown as Console };
  }

  // Makes as many blocks of so many bytes as its input says: two numbers of 8 bytes. Answers with the number that it got.
  const BLOCKS = `(module ${env('alloc', 'free', 'input_load_u64', 'store_u64', 'output_set')}
  (func $run (param $frees i32)
    (local $left i64) (local $made i64) (local $block i64)
    (local.set $left (call $input_load_u64 (i64.const 0)))
    (loop $next
      (if (i64.ne (local.get $left) (i64.const 0))
        (then
          (local.set $left (i64.sub (local.get $left) (i64.const 1)))
          (local.set $block (call $alloc (call $input_load_u64 (i64.const 8))))
          (if (i64.ne (local.get $block) (i64.const 0))
            (then (local.set $made (i64.add (local.get $made) (i64.const 1)))))
          (if (local.get $frees) (then (call $free (local.get $block))))
          (br $next))))
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (local.get $made))
    (call $output_set (local.get $block) (i64.const 8)))
  (func (export "keep") (call $run (i32.const 0)))
  (func (export "release") (call $run (i32.const 1))))`;

  const INPUT = (count: number, bytes: number): Uint8Array => Buffer.concat([word(count), word(bytes)]);

  async function made(name: string, input: Uint8Array, options: ExtismPluginOptions): Promise<number> {
    const plugin = await create({ wasm: [{ data: await wat(BLOCKS) }] }, options);
    const output = await plugin.call(name, input);
    await plugin.close();
    return Number(output?.getBigUint64(0, true));
  }

  describe('maxPages', () => {
    const { logger } = keeping();

    it('counts exactly the bytes of live blocks, the input among them', async () => {
      const memory = { maxPages: 1 };
      // 16 bytes of input and 8 of output leave 65,512.
      expect(await made('keep', INPUT(1, PAGE - 24), { memory, logger })).toBe(1);
      expect(await made('keep', INPUT(1, PAGE - 15), { memory, logger })).toBe(0);
      expect(await made('keep', INPUT(65_512, 1), { memory, logger })).toBe(65_512);
    });

    it('does not count blocks that were freed', async () => {
      expect(await made('release', INPUT(1_000, PAGE / 2), { memory: { maxPages: 1 }, logger })).toBe(1_000);
    });

    it('is logged when it is reached, whatever the level', async () => {
      const { logger, lines } = keeping();
      expect(await made('keep', INPUT(3, PAGE), { memory: { maxPages: 2 }, logger })).toBe(1);
      expect(lines).toEqual(['memory limit exceeded: 3 pages requested, 2 allowed']);
    });

    it('is no limit when it is 0', async () => {
      expect(await made('keep', INPUT(100, PAGE), { memory: { maxPages: 0 } })).toBe(100);
    });

    it('refuses an input that is too large', async () => {
      const { logger, lines } = keeping();
      const plugin = await create(await manifestOf('hello'), { memory: { maxPages: 1 }, logger });
      const error = await failureOf(() => plugin.call('hello', new Uint8Array(PAGE + 1)));
      expect([error.code, error.message]).toEqual([
        'limit',
        'memory limit exceeded: 2 pages requested, 1 allowed',
      ]);
      expect(lines).toEqual(['memory limit exceeded: 2 pages requested, 1 allowed']);
      expect((await plugin.call('hello', new Uint8Array(PAGE - 13)))?.text()).toBe('Hello, world!');
    });

    it('gives host functions null for a block that is too large', async () => {
      const { logger, lines } = keeping();
      const answers: bigint[] = [];
      const functions = {
        'extism:host/user': {
          hello_world: (
            context: { alloc(n: number): bigint; store(b: Uint8Array): bigint },
            block: bigint,
          ) => {
            answers.push(context.alloc(2 * PAGE), context.store(new Uint8Array(99 * PAGE)));
            return block;
          },
        },
      };
      const plugin = await create(await manifestOf('count-vowels-host'), {
        memory: { maxPages: 1 },
        logger,
        functions,
      });
      expect((await plugin.call('count_vowels', 'aeiou'))?.json()).toEqual({ count: 5 });
      expect(answers).toEqual([0n, 0n]);
      expect(lines.every((line) => line.startsWith('memory limit exceeded: '))).toBe(true);
    });

    it("lets the module's own memory grow by as much beyond what it starts with", async () => {
      const plugin = await create(await manifestOf('memory'), { memory: { maxPages: 2 } });
      const error = await failureOf(() => plugin.call('grow', word(3 * PAGE)));
      expect(error.message).toBe('Returned non-zero exit code: 1');
      expect(await plugin.call('grow', word(2 * PAGE))).toBe(null);
    });

    it('is not needed for a memory of hundreds of megabytes', async () => {
      const plugin = await create(await manifestOf('memory'));
      expect(await plugin.call('grow', word(5_000 * PAGE))).toBe(null);
    });
  });

  describe('the state of a plugin', () => {
    it('survives calls with more than its exchange memory had, because plugins for the SDK rely on it', async () => {
      const source = `(module ${env('alloc', 'store_u64', 'output_set')}
      (global $calls (mut i64) (i64.const 0))
      (func (export "count") (local $block i64)
        (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
        (local.set $block (call $alloc (i64.const 8)))
        (call $store_u64 (local.get $block) (global.get $calls))
        (call $output_set (local.get $block) (i64.const 8))))`;
      const plugin = await create({ wasm: [{ data: await wat(source) }] });
      for (let call = 1n; call <= 3n; call++)
        expect((await plugin.call('count', new Uint8Array(20_000_000)))?.getBigUint64(0, true)).toBe(call);
    });
  });

  describe('maxVarBytes', () => {
    const SET = `(module ${env('alloc', 'store_u8', 'var_set', 'var_get', 'length', 'output_set')}
    (func $key (param $name i32) (result i64) (local $key i64)
      (local.set $key (call $alloc (i64.const 1)))
      (call $store_u8 (local.get $key) (local.get $name))
      (local.get $key))
    (func (export "a") (call $var_set (call $key (i32.const 97)) (call $alloc (i64.const 500))))
    (func (export "b") (call $var_set (call $key (i32.const 98)) (call $alloc (i64.const 600))))
    (func (export "forget") (call $var_set (call $key (i32.const 97)) (i64.const 0)))
    (func (export "get") (local $value i64)
      (local.set $value (call $var_get (call $key (i32.const 98))))
      (call $output_set (local.get $value) (call $length (local.get $value)))))`;

    it('counts the values of all variables, and leaves out the one that is too much', async () => {
      const { logger, lines } = keeping();
      const plugin = await create(
        { wasm: [{ data: await wat(SET) }] },
        { memory: { maxVarBytes: 1_099 }, logger },
      );
      await plugin.call('a');
      const error = await failureOf(() => plugin.call('b'));
      expect([error.message, error.stateLost]).toEqual([
        'Plugin-originated error: var memory limit exceeded: 1100 bytes requested, 1099 allowed',
        false,
      ]);
      expect(lines).toEqual(['var memory limit exceeded: 1100 bytes requested, 1099 allowed']);
      expect(await plugin.call('get')).toBe(null);
      await plugin.call('forget');
      await plugin.call('b');
      expect((await plugin.call('get'))?.byteLength).toBe(600);
    });

    it('is no limit when it is 0, nor when it is not given', async () => {
      for (const memory of [{ maxVarBytes: 0 }, {}]) {
        const plugin = await create(await manifestOf('memory'), { memory });
        expect(await plugin.call('alloc_var', word(3_000_000))).toBe(null);
      }
    });
  });

  describe('timeoutMs', () => {
    // A start is limited as well, and in a worker it shares its thread.
    const limitMs = runInWorker ? 1_000 : 50;

    it('ends a call, says that its state is lost, and lets the next one come', async () => {
      const { wasm } = await manifestOf('loop-forever');
      const plugin = await create({ wasm, timeoutMs: 600_000 }, { timeoutMs: limitMs });
      for (let call = 0; call < 2; call++) {
        const error = await failureOf(() => plugin.call('loop_forever'));
        expect([error.code, error.message, error.stateLost]).toEqual([
          'timeout',
          'EXTISM: call canceled due to timeout',
          true,
        ]);
      }
    });

    it('ends a start', async () => {
      const manifest = await manifestOf('loop-forever-init');
      const error = await failureOf(() => create(manifest, { timeoutMs: 20 }));
      expect([error.code, error.message]).toEqual([
        'timeout',
        'EXTISM: timed out while waiting for plugin to instantiate',
      ]);
    });

    it('ends a call that waits for a host function, which cannot disturb the next one afterwards', async () => {
      const waits: { goOn(): void }[] = [];
      let late: bigint | undefined;
      const functions = {
        'extism:host/user': {
          hello_world: async (context: { store(text: string): bigint }, block: bigint) => {
            if (waits.length > 0) return block;
            await new Promise<void>((resolve) => void waits.push({ goOn: resolve }));
            late = context.store('too late');
            return late;
          },
        },
      };
      const plugin = await create(
        { wasm: [{ data: await guest('count-vowels-host') }] },
        { functions, timeoutMs: limitMs },
      );
      const error = await failureOf(() => plugin.call('count_vowels', 'aa'));
      expect(error.message).toBe('EXTISM: call canceled due to timeout');
      const next = plugin.call('count_vowels', 'aeiou');
      waits[0]?.goOn();
      expect((await next)?.json()).toEqual({ count: 5 });
      expect(late).toBeTypeOf('bigint');
    });

    it('is no limit when it is null', async () => {
      const plugin = await create(await manifestOf('hello'), { timeoutMs: null });
      expect((await plugin.call('hello'))?.text()).toBe('Hello, world!');
    });
  });
});

// What surrounds a guest: its log, WASI, and what AssemblyScript imports by itself.
import type { WasiGrants } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { failureOf, keepingLogger } from '../../open.ts';
import { guestOf, handWrittenGuest, wapc, wapcGuest, wasiGuest } from '../guests.ts';
import { type OpenWapc, refusalOf, textOf } from './open.ts';

/** A clock for guests, and the seconds that it says. */
export interface GuestTime {
  readonly clock: NonNullable<WasiGrants['clock']>;
  readonly seconds: RegExp;
}

/** A clock of the app's own. */
export const OWN_TIME: GuestTime = {
  clock: { now: () => 86_400_000, monotonic: () => 0 },
  seconds: /^86400$/,
};

/** Declares the tests. */
export function environmentTests(open: OpenWapc, { clock, seconds }: GuestTime): void {
  describe('the console', () => {
    it('is the logger, at level info', async () => {
      const logger = keepingLogger();
      const plugin = await open(await wapcGuest(), { logger });
      await plugin.call('log', 'Grüße');
      await plugin.call('log', '');
      expect(logger.lines).toEqual([
        { level: 'info', facts: { plugin: 'sample', tenant: 'acme' }, text: 'Grüße' },
        { level: 'info', facts: { plugin: 'sample', tenant: 'acme' }, text: '' },
      ]);
    });

    it('takes lines and bytes up to the limits, and says what it dropped', async () => {
      const logger = keepingLogger();
      const plugin = await open(await wapcGuest(), { logger, limits: { logLines: 3, logLineBytes: 4 } });
      await plugin.call('flood');
      expect(logger.lines.map(({ level, text }) => `${level} ${text}`)).toEqual([
        'info agai',
        'info agai',
        'info agai',
        'warn 1997 log lines dropped: the call may write 3',
      ]);
    });

    it('is not heard when nobody listens', async () => {
      const logger = keepingLogger('warn');
      const plugin = await open(await wapcGuest(), { logger });
      await plugin.call('log', 'a line');
      expect(logger.lines).toEqual([]);
    });
  });

  describe('WASI', () => {
    const write = (namespace: string): Promise<Uint8Array> =>
      guestOf(
        `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 4))
        (i32.store (i32.const 8) (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))
        (call $guest_response (i32.const 8) (i32.const 12)) (i32.const 1)`,
        '(data (i32.const 100) "text")',
        `(import "${namespace}" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32))) ${wapc('guest_response')}`,
      );

    it.each(['wasi_snapshot_preview1', 'wasi_unstable', 'wasi'])(
      'by the name %s writes to the log, and answers with an error number and a count',
      async (namespace) => {
        const logger = keepingLogger();
        const plugin = await open(await write(namespace), { wasi: {}, logger });
        const { bytes } = await plugin.call('x');
        expect([...new Uint32Array(bytes.slice().buffer)]).toEqual([0, 4, 4]);
        expect(logger.lines.map(({ level, text }) => `${level} ${text}`).sort()).toEqual([
          'info text',
          'warn text',
        ]);
      },
    );

    it('has what was granted', async () => {
      const bytes = await guestOf(
        `(drop (call $environ_get (i32.const 8) (i32.const 100)))
        (call $guest_response (i32.const 100) (i32.const 8)) (i32.const 1)`,
        '',
        `(import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32))) ${wapc('guest_response')}`,
      );
      const plugin = await open(bytes, { wasi: { env: { NAME: 'abc' } } });
      expect(await textOf(plugin, 'x')).toBe('NAME=abc');
    });
  });

  describe('a guest on the C library', () => {
    it.each([
      ['wasi-reactor', 'by wapc_init'],
      ['wasi', 'by main'],
    ] as const)('that is built as %s is initialised, and has what it asks for', async (target, started) => {
      const logger = keepingLogger();
      const plugin = await open(await wasiGuest(target), { wasi: { env: { NAME: 'value' }, clock }, logger });
      const said = await textOf(plugin, 'do', 'this');
      const time = /time (\d+)/.exec(said)?.[1] ?? '';
      expect(time).toMatch(seconds);
      expect(said).toBe(`started ${started}, constructed 1, NAME=value, time ${time}, random 1, flushed 0`);
      expect(logger.lines.map(({ level, text }) => `${level} ${text}`).sort()).toEqual([
        'info do this',
        'warn to the standard error',
      ]);
      expect((await plugin.call('do', 'it again')).stateLost).toBe(false);
    });
  });

  describe('AssemblyScript', () => {
    it('is started by wapc_init', async () => {
      const plugin = await open(await handWrittenGuest());
      expect(await textOf(plugin, 'x', 'Grüße')).toBe('ready: Grüße');
    });

    it('aborts with its message and place, and is replaced', async () => {
      const plugin = await open(await handWrittenGuest());
      const error = await failureOf(() => plugin.call('throw', 'Grüße, 世界'));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'plugin',
        'Grüße, 世界 (wapc-hand.ts:20:24)',
        true,
      ]);
      expect(error.cause).toMatchObject({
        code: 'trap',
        message: 'the module aborted: Grüße, 世界 (wapc-hand.ts:20:24)',
      });
      expect(await textOf(plugin, 'x', 'again')).toBe('ready: again');
    });

    it('keeps an error that it reported before', async () => {
      const plugin = await open(await handWrittenGuest());
      expect(await refusalOf(() => plugin.call('fail_then_throw'))).toEqual(['plugin', 'its own error']);
    });

    it('traces to the log', async () => {
      const logger = keepingLogger();
      const plugin = await open(await handWrittenGuest(), { logger });
      await plugin.call('trace', 'seen');
      expect(logger.lines.map(({ level, text }) => `${level} ${text}`)).toEqual(['trace seen 1.5, 2']);
    });

    it('has random numbers of its own in every instance', async () => {
      const bytes = await handWrittenGuest();
      const number = async (): Promise<number | undefined> => {
        const output = await (await open(bytes)).call('random');
        return new Float64Array(output.bytes.slice().buffer)[0];
      };
      const numbers = [await number(), await number()];
      expect(new Set(numbers).size).toBe(2);
    });
  });

  describe('abort', () => {
    const abort = '(import "env" "abort" (func $abort (param i32 i32 i32 i32)))';
    const text =
      '(data (i32.const 96) "\\04\\00\\00\\00h\\00i\\00") (data (i32.const 196) "\\ff\\ff\\ff\\ff")';

    it.each([
      ['without a text', 0, 0, 'abort'],
      ['with a text', 100, 0, 'hi'],
      ['with a place', 100, 100, 'hi (hi:7:9)'],
      ['with a text that is longer than the memory', 200, 0, 'abort'],
      ['with a text outside of the memory', -1, 70_000, 'abort'],
      ['with a text before the memory', 2, 3, 'abort'],
      ['with a text of half a character', 98, 0, 'abort'],
    ])('%s ends the call', async (_, message, file, expected) => {
      const bytes = await guestOf(
        `(call $abort (i32.const ${message}) (i32.const ${file}) (i32.const 7) (i32.const 9)) (i32.const 1)`,
        `${text} (data (i32.const 94) "\\03")`,
        abort,
      );
      expect(await refusalOf(async () => (await open(bytes)).call('x'))).toEqual(['plugin', expected]);
    });

    it('fails the call, and ends the instance, also when the guest catches it', async () => {
      const bytes = await guestOf(
        `(try (do (call $abort (i32.const 100) (i32.const 0) (i32.const 0) (i32.const 0))) (catch_all))
        (call $guest_response (i32.const 0) (i32.const 1)) (i32.const 1)`,
        text,
        `${abort} ${wapc('guest_response')}`,
      );
      const error = await failureOf(async () => (await open(bytes)).call('x'));
      expect([error.code, error.message, error.stateLost]).toEqual(['plugin', 'hi', true]);
    });
  });
}

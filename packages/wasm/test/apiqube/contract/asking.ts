// What a plugin asks its host for: HTTP.
import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { doorTo, failureOf, keepingLogger } from '../../open.ts';
import { ALLOCATE, IMPORTS, plugin } from '../guest.ts';
import { ASKING_FOR_EVER, execute, HTTP, type Opening, reply } from './open.ts';

/** Declares the tests. */
export function askingTests({ open, openGuest, openFields }: Opening): void {
  describe.each(['sync', 'async'] as const)('host_http_request that is answered %s', (mode) => {
    type Answer = Parameters<typeof doorTo>[0][string];
    const doorFor = (http: Answer) => {
      const answer: Answer = mode === 'sync' ? http : async (call) => http(call);
      return doorTo({ [HTTP]: answer }, mode === 'async' ? [HTTP] : []);
    };

    it('is a host call with the guest’s own request', async () => {
      const door = doorFor(({ payload }) => reply(`answer to ${Buffer.from(payload)}`));
      const opened = await openGuest({ door });
      expect(await execute(opened, 'http {"url":"http://x/"}')).toBe('answer to {"url":"http://x/"}');
      expect(await execute(opened, 'http ')).toBe('answer to ');
      const [{ link, namespace, operation } = { link: 'none' }] = door.calls;
      expect([link, namespace, operation]).toEqual(['', 'apiqube', 'http_request']);
    });

    it('answers with any number of bytes', async () => {
      const long = 'x'.repeat(300_000);
      const opened = await openGuest({ door: doorFor(() => reply(long)) });
      expect(await execute(opened, 'http')).toBe(long);
      const silent = await openGuest({ door: doorFor(() => reply('')) });
      expect(await execute(silent, 'http')).toBe('');
    });

    it('says in its answer what failed', async () => {
      const opened = await openGuest({ door: doorFor(() => ({ ...reply('none'), error: 'no route' })) });
      expect(JSON.parse(await execute(opened, 'http'))).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'no route',
      });
      const silent = await openGuest({ door: doorFor(() => ({ ...reply(''), error: '' })) });
      expect(JSON.parse(await execute(silent, 'http')).error).toBe('the HTTP request failed');
      const verbose = await openGuest({ door: doorFor(() => ({ ...reply(''), error: 'x'.repeat(10_000) })) });
      expect(JSON.parse(await execute(verbose, 'http')).error).toBe('x'.repeat(4_096));
    });

    it('says in its answer that it was denied, and the plugin goes on', async () => {
      const opened = await openGuest({
        door: doorFor(() => {
          throw new PlugbayError('denied', 'policy "tests" has no http');
        }),
      });
      expect(JSON.parse(await execute(opened, 'http'))).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'the http capability is not granted to this plugin: policy "tests" has no http',
      });
      expect(await execute(opened, 'calls')).toBe('2');
    });

    it('that fails on the host’s side fails the call, and the next call works', async () => {
      const opened = await openGuest({
        door: doorFor(() => {
          throw new Error('broken pipe');
        }),
      });
      const error = await failureOf(() => execute(opened, 'http'));
      expect([error.code, error.message]).toEqual([
        'internal',
        'host call apiqube.http_request: broken pipe',
      ]);
      expect(await execute(opened, 'echo on')).toBe('on');
    });

    it('that fails with an error of another kind than a denial fails the call with it', async () => {
      const opened = await openGuest({
        door: doorFor(() => {
          throw new PlugbayError('unavailable', 'the pool is empty');
        }),
      });
      expect(await failureOf(() => execute(opened, 'http'))).toMatchObject({
        code: 'unavailable',
        message: 'the pool is empty',
      });
    });

    it('that fails on the host’s side fails the call, although the guest catches it and answers', async () => {
      const opened = await openFields(
        `(func (export "execute") (param i64) (result i64)
          (try (do (drop (call $http (i32.const 0) (i32.const 2)))) (catch_all)) (i64.const 2))`,
        {
          door: doorFor(() => {
            throw new Error('broken pipe');
          }),
        },
      );
      const error = await failureOf(() => opened.call('execute'));
      expect([error.message, error.stateLost]).toEqual(['host call apiqube.http_request: broken pipe', true]);
    });

    it('ends the guest that exits, or fails for good, where it takes the answer', async () => {
      const bytes = await plugin(
        `(func (export "allocate") (param i32) (result i64) (call $exit (i32.const 3)) (i64.const 0))
         (func (export "execute") (param i64) (result i64)
           (drop (call $http (i32.const 0) (i32.const 2)))
           (call $log (i32.const 1) (i32.const 0) (i32.const 2)) (i64.const 2))`,
        `${IMPORTS} (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`,
      );
      const logger = keepingLogger();
      const opened = await open(bytes, { wasi: {}, logger, door: doorFor(() => reply('answer')) });
      expect(await failureOf(() => opened.call('execute'))).toMatchObject({
        code: 'plugin',
        message: 'the module exited with code 3 instead of returning from execute',
      });
      expect(logger.lines).toEqual([]);
    });

    // `execute` asks for what is at `span`, and answers with the address of the answer as text: `0` for none.
    const asking = (span: string, allocate: string) => `${allocate}
      (func (export "execute") (param i64) (result i64)
        (i64.store8 (i32.const 100) (i64.add (i64.const 48) (i64.extend_i32_u (i64.ne (i64.const 0) (call $http ${span})))))
        (i64.const 0x6400000001))`;

    it.each([
      ['bytes that are not there', '(i32.const 65535) (i32.const 2)', ALLOCATE],
      ['an address that is negative', '(i32.const -2) (i32.const 2)', ALLOCATE],
      ['a plugin without allocate', '(i32.const 0) (i32.const 2)', ''],
    ])('answers 0 to %s, and the instance goes on', async (_, span, allocate) => {
      const opened = await openFields(asking(span, allocate), { door: doorFor(() => reply('answer')) });
      const output = await opened.call('execute');
      expect([output.text(), output.stateLost]).toEqual(['0', false]);
    });

    it.each([
      ['lies about the length', '(i64.const 1)'],
      ['lies about the place', '(i64.const 0xffffffff00000006)'],
      ['crashes', 'unreachable'],
    ])('answers 0 when allocate %s, and the instance is given up', async (_, body) => {
      const allocate = `(func (export "allocate") (param i32) (result i64) ${body})`;
      const opened = await openFields(asking('(i32.const 0) (i32.const 2)', allocate), {
        door: doorFor(() => reply('answer')),
      });
      const output = await opened.call('execute');
      expect([output.text(), output.stateLost]).toEqual(['0', true]);
      expect((await opened.call('execute')).text()).toBe('0');
    });

    it('answers 0 when allocate asks again, without end', async () => {
      const allocate = `(func $allocate (export "allocate") (param i32) (result i64)
        (call $http (i32.const 0) (i32.const 2)))`;
      const opened = await openFields(asking('(i32.const 0) (i32.const 2)', allocate), {
        door: doorFor(() => reply('answer')),
        limits: { hostCalls: 50 },
      });
      const error = await failureOf(async () => {
        const output = await opened.call('execute');
        if (output.stateLost) throw new PlugbayError('trap', output.text());
      });
      // Where the guest can wait, what it calls meanwhile cannot: it is answered 0. Elsewhere it asks until it may not.
      expect(['the call made more than 50 host calls', '0']).toContain(error.message);
    });

    it('counts as a host call', async () => {
      const opened = await openFields(ASKING_FOR_EVER, {
        door: doorFor(() => reply('{}')),
        limits: { hostCalls: 3 },
      });
      const error = await failureOf(() => opened.call('execute'));
      expect([error.code, error.message]).toEqual(['limit', 'the call made more than 3 host calls']);
    });

    it('is answered in validate and plugin_init as well', async () => {
      const asks = (name: string) =>
        `(func (export "${name}") (param i64) (result i64) (call $http (i32.const 0) (i32.const 2)))`;
      const opened = await openFields(ALLOCATE + asks('validate') + asks('plugin_init'), {
        door: doorFor(({ payload }) => reply(`${Buffer.from(payload)}!`)),
      });
      expect((await opened.call('validate')).text()).toBe('{}!');
      expect((await opened.call('plugin_init')).text()).toBe('{}!');
    });
  });

  describe('a plugin without the http capability', () => {
    it('is told so, and goes on', async () => {
      const opened = await openGuest();
      expect(JSON.parse(await execute(opened, 'http {}'))).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'the http capability is not granted to this plugin',
      });
      expect(await execute(opened, 'calls')).toBe('2');
    });

    it('pays for asking', async () => {
      const opened = await openFields(ASKING_FOR_EVER, { limits: { hostCalls: 3 } });
      const error = await failureOf(() => opened.call('execute'));
      expect([error.code, error.message]).toEqual(['limit', 'the call made more than 3 host calls']);
    });
  });
}

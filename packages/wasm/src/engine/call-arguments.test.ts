// What an app may hand over with a call, and what it is told about anything else.
import vm from 'node:vm';
import type { CallOptions } from '@plugbay/core';
import type { LocalPlugin } from '@plugbay/wasm';
import { describe, expect, it } from 'vitest';
import { env, failureOf, openWat } from '../../test/open.ts';

const ECHO = `(module ${env('input_offset', 'input_length', 'output_set')}
  (func (export "echo") (call $output_set (call $input_offset) (call $input_length))))`;

// As ECHO, of a plugin whose guests may be suspended.
const WAITING = `(module (import "app" "wait" (func $wait)) ${env('input_offset', 'input_length', 'output_set')}
  (func (export "echo") (call $wait) (call $output_set (call $input_offset) (call $input_length))))`;

const functions = { app: { wait: async () => undefined } };

async function ways(): Promise<
  [string, (input: unknown, options?: unknown) => Promise<string>, LocalPlugin][]
> {
  const [now, later] = [
    await openWat(ECHO, { metered: true }),
    await openWat(WAITING, { metered: true, functions }),
  ];
  const given = (input: unknown, options: unknown) =>
    [input, options] as unknown as [Uint8Array | undefined, CallOptions | undefined];
  return [
    [
      'callSync',
      async (...values) => now.callSync('echo', ...given(...(values as [unknown, unknown]))).text(),
      now,
    ],
    [
      'call',
      async (...values) => (await now.call('echo', ...given(...(values as [unknown, unknown])))).text(),
      now,
    ],
    [
      'suspended call',
      async (...values) => (await later.call('echo', ...given(...(values as [unknown, unknown])))).text(),
      later,
    ],
  ];
}

function transferred(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

describe('an input', () => {
  it.each<[string, unknown, string]>([
    ['text', 'héllo', 'héllo'],
    ['nothing', undefined, ''],
    ['a Buffer', Buffer.from('buffer'), 'buffer'],
    ['a part of a buffer', new Uint8Array(Buffer.from('a part')).subarray(2), 'part'],
    ['an array over shared memory', new Uint8Array(new SharedArrayBuffer(3)).fill(65), 'AAA'],
    ['an array of another realm', vm.runInNewContext('Uint8Array.of(66, 67)'), 'BC'],
    ['an empty array', new Uint8Array(0), ''],
  ])('may be %s', async (_, input, expected) => {
    for (const [, call] of await ways()) expect(await call(input)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a number', 5, 'number'],
    ['a bigint', 5n, 'bigint'],
    ['a boolean', true, 'boolean'],
    ['a symbol', Symbol('x'), 'symbol'],
    ['a function', () => 'x', 'function'],
    ['an array of numbers', [65, 66], 'an array'],
    ['an ArrayBuffer', new ArrayBuffer(4), 'another object'],
    ['a DataView', new DataView(new ArrayBuffer(4)), 'another object'],
    ['an array of larger elements', new Uint16Array(4), 'another object'],
    ['a boxed string', new String('x'), 'another object'],
    [
      'an object with a length that throws',
      {
        get length() {
          throw new Error('length');
        },
      },
      'another object',
    ],
    ['a proxy of an array', new Proxy(new Uint8Array(4), {}), 'another object'],
  ])('that is %s is invalid', async (_, input, kind) => {
    for (const [way, call, plugin] of await ways()) {
      const error = await failureOf(() => call(input));
      expect([way, error.code, error.message, error.phase, error.stateLost]).toEqual([
        way,
        'invalid',
        `the input must be a Uint8Array or a string, not ${kind}`,
        'call',
        false,
      ]);
      expect(plugin.stats()).toMatchObject({ busy: 0, discarded: 0 });
      expect(await call('next')).toBe('next');
    }
  });

  it('whose bytes were transferred elsewhere is invalid', async () => {
    for (const [, call] of await ways()) {
      expect(await failureOf(() => call(transferred()))).toMatchObject({
        code: 'invalid',
        message: 'the input is a Uint8Array whose buffer was transferred elsewhere',
      });
    }
  });
});

describe('options', () => {
  it.each<[unknown, string]>([
    [null, "a call's options must be an object, not null"],
    [5, "a call's options must be an object, not number"],
    [{ timeoutMs: Number.NaN }, '"timeoutMs" must be a number of milliseconds, not NaN'],
    [{ timeoutMs: '20' }, '"timeoutMs" must be a number of milliseconds, not string'],
    [{ signal: null }, '"signal" must be an AbortSignal, not null'],
    [{ signal: { aborted: true } }, '"signal" must be an AbortSignal, not another object'],
    [{ invocation: 'x' }, '"invocation" must be an object, not string'],
    [
      { invocation: { id: 'x', depth: 0, deadline: Number.NaN } },
      '"invocation.deadline" must be a number of milliseconds, not NaN',
    ],
  ])('of another kind are invalid: %j', async (options, message) => {
    for (const [way, call] of await ways()) {
      const error = await failureOf(() => call('x', options));
      expect([way, error.code, error.message]).toEqual([way, 'invalid', message]);
      expect(await call('next')).toBe('next');
    }
  });

  it('that throw when they are read fail the call, and nothing else', async () => {
    const options = {
      get timeoutMs(): number {
        throw new Error('no time');
      },
    };
    for (const [, call] of await ways()) {
      expect(await failureOf(() => call('x', options))).toMatchObject({
        code: 'internal',
        message: 'no time',
      });
      expect(await call('next')).toBe('next');
    }
  });

  it('may give no time at all, and all the time there is', async () => {
    for (const [, call] of await ways()) {
      expect((await failureOf(() => call('x', { timeoutMs: -1 }))).code).toBe('timeout');
      expect(await call('x', { timeoutMs: Number.POSITIVE_INFINITY })).toBe('x');
    }
  });
});

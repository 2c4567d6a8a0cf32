import { type HostCall, PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { doorTo, env, failureOf, openWat } from '../../../test/open.ts';

// `run` hands its input to kv.get and answers with the block it gets; `forgive` clears the error then, `none` hands over
// null, and `bad` what is no block.
const ASKING = `(module
  ${env('input_offset', 'length', 'output_set', 'error_set')}
  (import "kv" "get" (func $get (param i64) (result i64)))
  (func $answer (param $block i64) (call $output_set (local.get $block) (call $length (local.get $block))))
  (func (export "run") (call $answer (call $get (call $input_offset))))
  (func (export "forgive") (call $answer (call $get (call $input_offset))) (call $error_set (i64.const 0)))
  (func (export "none") (call $answer (call $get (i64.const 0))))
  (func (export "bad") (drop (call $get (i64.const 81)))))`;

const echo = ({ payload }: HostCall) => ({ bytes: payload });

describe('a host call', () => {
  it('carries the bytes of a block to the door, and the reply back', async () => {
    const door = doorTo({
      'kv.get': ({ payload }) => ({ bytes: Buffer.concat([payload, Buffer.from('!')]) }),
    });
    const plugin = await openWat(ASKING, { door });
    const signal = new AbortController().signal;
    const invocation = { id: 'one', depth: 2 };
    const context = {};
    expect(plugin.callSync('run', 'key', { signal, invocation, context }).text()).toBe('key!');
    expect(door.calls).toEqual([
      {
        link: '',
        namespace: 'kv',
        operation: 'get',
        payload: Uint8Array.from(Buffer.from('key')),
        invocation,
        context,
        signal,
      },
    ]);
    expect(door.calls[0]!.context).toBe(context);
    expect(door.authorised).toEqual([]);
  });

  it('has an invocation and a signal when the call had none', async () => {
    const door = doorTo({ 'kv.get': echo });
    const plugin = await openWat(ASKING, { door });
    plugin.callSync('run', 'key');
    expect(door.calls[0]!.invocation).toEqual({ id: expect.stringMatching(/^[0-9a-v]{20}$/), depth: 0 });
    expect(door.calls[0]!.signal.aborted).toBe(false);
    await plugin.close();
    expect(door.calls[0]!.signal.aborted).toBe(true);
  });

  it('carries nothing for null, and null back for nothing', async () => {
    const door = doorTo({ 'kv.get': echo });
    const plugin = await openWat(ASKING, { door });
    expect(plugin.callSync('none').bytes).toHaveLength(0);
    expect(door.calls[0]!.payload).toHaveLength(0);
  });

  it('does not carry what is no block', async () => {
    const plugin = await openWat(ASKING, { door: doorTo({ 'kv.get': echo }) });
    const error = await failureOf(() => plugin.callSync('bad'));
    expect([error.code, error.message]).toEqual(['trap', 'kv.get: 81 is not a block of the exchange memory']);
  });

  it('whose reply has an error sets the error, and hands over the bytes all the same', async () => {
    const door = doorTo({ 'kv.get': () => ({ bytes: Buffer.from('beside'), error: 'no such key' }) });
    const plugin = await openWat(ASKING, { door });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message, error.stateLost]).toEqual(['plugin', 'no such key', false]);
    expect(plugin.callSync('forgive').text()).toBe('beside');
  });

  it('whose error is empty has one all the same', async () => {
    const door = doorTo({ 'kv.get': () => ({ bytes: new Uint8Array(0), error: '' }) });
    const plugin = await openWat(ASKING, { door });
    expect((await failureOf(() => plugin.callSync('run'))).message).toBe('kv.get failed');
  });

  it('that the door refuses fails the call as the door says', async () => {
    const refuse = () => {
      throw new PlugbayError('denied', 'kv.get is not granted', { hint: 'Grant it.' });
    };
    const plugin = await openWat(ASKING, { door: doorTo({ 'kv.get': refuse }) });
    expect(await failureOf(() => plugin.callSync('run'))).toMatchObject({
      code: 'denied',
      message: 'kv.get is not granted',
      hint: 'Grant it.',
      phase: 'call',
      plugin: 'sample',
      tenant: 'acme',
      stateLost: true,
    });
  });

  it('whose door throws something else fails the call as internal', async () => {
    const thrown = new TypeError('bug');
    const fail = () => {
      throw thrown;
    };
    const plugin = await openWat(ASKING, { door: doorTo({ 'kv.get': fail }) });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message, error.cause]).toEqual(['internal', 'host call kv.get: bug', thrown]);
  });

  it('whose reply does not fit fails the call', async () => {
    const door = doorTo({ 'kv.get': () => ({ bytes: new Uint8Array(5_000) }) });
    const plugin = await openWat(ASKING, { door, limits: { exchangeBytes: 1_000 } });
    const error = await failureOf(() => plugin.callSync('run', 'key'));
    expect([error.code, error.message]).toEqual([
      'limit',
      'the exchange memory has no room for 5000 bytes; exchangeBytes is 1000',
    ]);
  });

  it('counts, together with host functions', async () => {
    const source = `(module
      (import "kv" "get" (func $get (param i64) (result i64)))
      (import "app" "tick" (func $tick))
      (func (export "run") (drop (call $get (i64.const 0))) (call $tick) (drop (call $get (i64.const 0)))))`;
    const door = doorTo({ 'kv.get': echo });
    const functions = { app: { tick: () => undefined } };
    const plugin = await openWat(source, { door, functions, limits: { hostCalls: 2 } });
    expect((await failureOf(() => plugin.callSync('run'))).message).toBe(
      'the call made more than 2 host calls',
    );
    expect(door.calls).toHaveLength(1);
  });
});

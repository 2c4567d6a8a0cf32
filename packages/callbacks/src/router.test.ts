import { type HostCall, PlugbayError, rootInvocation } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { type Callback, Router } from './router.ts';

const caller = { tenant: 'acme', plugin: 'demo' };
const call = (namespace: string, operation: string): HostCall => ({
  link: '',
  namespace,
  operation,
  payload: new Uint8Array([1, 2, 3]),
  invocation: rootInvocation('9m4e2mr0ui3e8a215n4g'),
  signal: new AbortController().signal,
});
const sync = (answer: (call: HostCall) => Uint8Array): Callback => ({
  namespace: 'kv',
  operation: 'get',
  mode: 'sync',
  answer,
});
const later = (answer: (call: HostCall) => Promise<Uint8Array>): Callback => ({
  namespace: 'kv',
  operation: 'list',
  mode: 'async',
  answer,
});
const granted = [{ capability: 'kv' }];

describe('a door', () => {
  it('answers a granted call with the callback, which sees the call and its caller', async () => {
    const seen: unknown[] = [];
    const router = new Router().register({
      namespace: 'kv',
      operation: 'get',
      mode: 'sync',
      answer: (asked, by) => {
        seen.push(asked.payload, by);
        return new Uint8Array([9]);
      },
    });
    const door = router.door(caller, granted);
    expect(door.callSync(call('kv', 'get'))).toEqual({ bytes: new Uint8Array([9]) });
    expect(await door.call(call('kv', 'get'))).toEqual({ bytes: new Uint8Array([9]) });
    expect(seen).toEqual([new Uint8Array([1, 2, 3]), caller, new Uint8Array([1, 2, 3]), caller]);
  });

  it('answers an asynchronous callback in time, and refuses to answer it at once', async () => {
    const door = new Router().register(later(async () => new Uint8Array([7]))).door(caller, granted);
    expect(await door.call(call('kv', 'list'))).toEqual({ bytes: new Uint8Array([7]) });
    expect(() => door.callSync(call('kv', 'list'))).toThrow(
      expect.objectContaining({ code: 'unsupported', message: 'kv.list answers asynchronously only' }),
    );
  });

  it('says how a call would be answered, as declared', () => {
    const door = new Router()
      .register(sync(() => new Uint8Array()))
      .register(later(async () => new Uint8Array()))
      .door(caller, []);
    expect([door.mode('kv', 'get'), door.mode('kv', 'list'), door.mode('kv', 'nope')]).toEqual([
      'sync',
      'async',
      undefined,
    ]);
  });

  it('denies what is not granted, and says what to grant', () => {
    const door = new Router().register(sync(() => new Uint8Array())).door(caller, []);
    expect(() => door.callSync(call('kv', 'get'))).toThrow(
      expect.objectContaining({
        code: 'denied',
        hint: 'Grant it with { capability: "kv", operations: ["get"] }.',
      }),
    );
    expect(() => door.authorise('kv', 'get')).toThrow(expect.objectContaining({ code: 'denied' }));
  });

  it('denies the existing and the missing alike, so that a plugin cannot find out what exists', () => {
    const door = new Router().register(sync(() => new Uint8Array())).door(caller, []);
    expect(() => door.callSync(call('kv', 'nope'))).toThrow(expect.objectContaining({ code: 'denied' }));
  });

  it('answers not_found for a granted call that nobody answers', async () => {
    const door = new Router().door(caller, granted);
    await expect(door.call(call('kv', 'get'))).rejects.toMatchObject({
      code: 'not_found',
      message: 'nobody answers kv.get',
    });
  });

  it('never mixes up names that only look alike when joined', () => {
    const router = new Router()
      .register({ namespace: 'a', operation: 'b.c', mode: 'sync', answer: () => new Uint8Array([1]) })
      .register({ namespace: 'a.b', operation: 'c', mode: 'sync', answer: () => new Uint8Array([2]) });
    const door = router.door(caller, [{ capability: 'a' }, { capability: 'a.b' }]);
    expect(door.callSync(call('a', 'b.c')).bytes[0]).toBe(1);
    expect(door.callSync(call('a.b', 'c')).bytes[0]).toBe(2);
  });
});

describe('a callback that fails', () => {
  it('passes on a PlugbayError as it is', () => {
    const error = new PlugbayError('limit', 'too much');
    const door = new Router()
      .register(
        sync(() => {
          throw error;
        }),
      )
      .door(caller, granted);
    expect(() => door.callSync(call('kv', 'get'))).toThrow(error);
  });

  it('becomes an internal error that names it and keeps the cause', async () => {
    const cause = new Error('disk on fire');
    const door = new Router().register(later(() => Promise.reject(cause))).door(caller, granted);
    await expect(door.call(call('kv', 'list'))).rejects.toMatchObject({
      code: 'internal',
      message: 'the callback of kv.list failed: disk on fire',
      cause,
    });
  });

  it('by returning a promise although declared sync is an error, and its rejection is nobody else’s', () => {
    const wrong = (() => Promise.reject(new Error('unseen'))) as unknown as () => Uint8Array;
    const door = new Router().register(sync(wrong)).door(caller, granted);
    expect(() => door.callSync(call('kv', 'get'))).toThrow(
      expect.objectContaining({ code: 'internal', message: 'the callback of kv.get returned no Uint8Array' }),
    );
  });
});

describe('a router', () => {
  it('takes one callback per operation', () => {
    const router = new Router().register(sync(() => new Uint8Array()));
    expect(() => router.register(sync(() => new Uint8Array()))).toThrow(
      expect.objectContaining({ code: 'conflict', message: 'kv.get has a callback already' }),
    );
  });
});

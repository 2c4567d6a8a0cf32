import { FAKE_CLOCK_START, FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { apiqubeContract } from '../../../test/apiqube/contract.ts';
import { ALLOCATE, apiqubeGuest, plugin } from '../../../test/apiqube/guest.ts';
import { doorTo, failureOf, keepingLogger, openBytes } from '../../../test/open.ts';

apiqubeContract(openBytes);

describe('an ApiQube plugin on this thread', () => {
  it('reads the clock of whoever opened it', async () => {
    const clock = new FakeClock();
    const opened = await openBytes(await apiqubeGuest(), { clock });
    expect(opened.callSync('execute', 'now').text()).toBe(String(FAKE_CLOCK_START));
    clock.advance(1_500.5);
    expect(opened.callSync('execute', 'now').text()).toBe(String(FAKE_CLOCK_START + 1_500));
    const early = await openBytes(await apiqubeGuest(), { clock: new FakeClock(-5) });
    expect(early.callSync('execute', 'now').text()).toBe('0');
  });

  it('answers at once when its host does', async () => {
    const door = doorTo({ 'apiqube.http_request': ({ payload }) => ({ bytes: payload }) });
    const opened = await openBytes(await apiqubeGuest(), { door });
    expect(opened.callSync('execute', 'http {}').text()).toBe('{}');
  });

  it('can be called only asynchronously when something that it imports is answered so', async () => {
    const door = doorTo({ 'apiqube.http_request': async () => ({ bytes: new Uint8Array(1) }) }, [
      'apiqube.http_request',
    ]);
    const opened = await openBytes(await apiqubeGuest(), { door });
    const error = await failureOf(() => opened.callSync('execute', 'http {}'));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'the plugin imports what is answered asynchronously: apiqube.host_http_request',
    ]);
  });

  it('may answer with a view of its memory, which the next call changes', async () => {
    const opened = await openBytes(
      await plugin(`${ALLOCATE} (func (export "execute") (param i64) (result i64) (local.get 0))`),
    );
    const { bytes } = opened.callSync('execute', 'first', { output: 'view' });
    expect(Buffer.from(bytes).toString()).toBe('first');
    opened.callSync('execute', 'other');
    expect(Buffer.from(bytes).toString()).toBe('other');
  });

  it('that waits for an answer is given up when nobody waits for it', async () => {
    const never = new Promise<never>(() => undefined);
    const door = doorTo({ 'apiqube.http_request': () => never }, ['apiqube.http_request']);
    const opened = await openBytes(await apiqubeGuest(), { door });
    await opened.call('execute', 'calls');
    const controller = new AbortController();
    const call = opened.call('execute', 'http {}', { signal: controller.signal });
    controller.abort(new Error('enough'));
    expect((await failureOf(() => call)).code).toBe('canceled');
    expect(door.calls[0]?.signal.aborted).toBe(true);
    expect((await opened.call('execute', 'calls')).text()).toBe('1');
  });

  it('asks its logger no more once that has failed, also where the guest takes an answer', async () => {
    let lines = 0;
    const logger = {
      ...keepingLogger(),
      info: () => {
        lines += 1;
        throw new Error('disk full');
      },
    };
    const door = doorTo({ 'apiqube.http_request': ({ payload }) => ({ bytes: payload }) });
    const log = '(call $log (i32.const 1) (i32.const 0) (i32.const 2))';
    const opened = await openBytes(
      await plugin(`(func (export "allocate") (param i32) (result i64) ${log} (i64.const 0))
        (func (export "execute") (param i64) (result i64)
          (drop (call $http (i32.const 0) (i32.const 2))) ${log} (i64.const 0))`),
      { door, logger },
    );
    const error = await failureOf(() => opened.callSync('execute'));
    expect([error.code, error.message, lines]).toEqual(['internal', 'the logger failed: disk full', 1]);
  });

  it('is one module', async () => {
    const side = '(module (func (export "spin")))';
    const error = await failureOf(async () => openBytes(await apiqubeGuest(), {}, { side }));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'an ApiQube plugin is one module; it came with side',
    ]);
  });
});

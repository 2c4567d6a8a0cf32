import type { PlugbayError } from '@plugbay/core';
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** A call that runs until it is told to end. */
function call(): { readonly run: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { run: () => promise, end: resolve };
}

const failureOf = (promise: Promise<unknown>): Promise<PlugbayError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: PlugbayError) => error,
  );

describe('turns', () => {
  it('are taken one after the other, in order, whatever becomes of each', async () => {
    const turns = new Turns(new FakeClock());
    const log: string[] = [];
    const first = call();
    const all = [
      turns.take({}, async () => {
        log.push('first');
        await first.run();
        log.push('first done');
      }),
      turns.take({}, async () => {
        log.push('second');
        throw new Error('second fails');
      }),
      turns.take({}, async () => void log.push('third')),
    ];
    await Promise.resolve();
    expect(log).toEqual(['first']);
    first.end();
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(log).toEqual(['first', 'first done', 'second', 'third']);
  });

  it('are given up by whoever is canceled or late while waiting, and nobody else notices', async () => {
    const clock = new FakeClock();
    const turns = new Turns(clock);
    const abort = new AbortController();
    const first = call();
    const running = turns.take({}, first.run);
    const log: string[] = [];
    const canceled = failureOf(turns.take({ signal: abort.signal }, async () => log.push('canceled')));
    const late = failureOf(turns.take({ timeoutMs: 20 }, async () => log.push('late')));
    const left = turns.take({ timeoutMs: 49.5, signal: new AbortController().signal }, async (ms) => ms);
    clock.advance(20);
    abort.abort(new Error('enough'));
    expect(await canceled).toMatchObject({
      code: 'canceled',
      message: 'the call was canceled',
      cause: new Error('enough'),
    });
    expect(await late).toMatchObject({ code: 'timeout', message: 'the plugin was busy for 20 ms' });
    first.end();
    expect(await left).toBe(30);
    await running;
    expect([log, clock.pendingTimers]).toEqual([[], 0]);
  });

  it('are not taken with a signal that is aborted already', async () => {
    const ran: boolean[] = [];
    const turn = new Turns(new FakeClock()).take({ signal: AbortSignal.abort() }, async () => ran.push(true));
    expect((await failureOf(turn)).code).toBe('canceled');
    expect(ran).toEqual([]);
  });

  it('are waited for by 1,000 at most', async () => {
    const turns = new Turns(new FakeClock());
    const first = call();
    const all = [turns.take({}, first.run)];
    for (let count = 0; count < 1_000; count++) all.push(turns.take({}, async () => undefined));
    expect(await failureOf(turns.take({}, async () => undefined))).toMatchObject({
      code: 'limit',
      message: '1000 calls wait already',
    });
    first.end();
    await Promise.all(all);
    await turns.take({}, async () => undefined);
  });

  it('are done when the last one is that came', async () => {
    const turns = new Turns(new FakeClock());
    const log: string[] = [];
    const first = call();
    const all = [turns.take({}, first.run), turns.take({}, async () => void log.push('second'))];
    const done = turns.done.then(() => log.push('done'));
    first.end();
    await done;
    await Promise.all(all);
    expect(log).toEqual(['second', 'done']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.ts';

describe('SingleFlight', () => {
  it('makes one attempt for all who ask while it is under way', async () => {
    const flights = new SingleFlight<object>();
    const { promise, resolve } = Promise.withResolvers<object>();
    let attempts = 0;
    const ask = (): Promise<object> =>
      flights.run('key', () => {
        attempts++;
        return promise;
      });
    const asked = [ask(), ask(), ask()];
    const answer = {};
    resolve(answer);

    for (const got of await Promise.all(asked)) expect(got).toBe(answer);
    expect(attempts).toBe(1);
  });

  it('starts the attempt at once', () => {
    let started = false;
    void new SingleFlight().run('key', async () => {
      started = true;
    });

    expect(started).toBe(true);
  });

  it('keeps keys apart, also those that every object has', async () => {
    const flights = new SingleFlight<string>();
    const keys = ['a', 'b', '', '__proto__', 'constructor'];

    expect(await Promise.all(keys.map((key) => flights.run(key, async () => key)))).toEqual(keys);
  });

  it('makes a new attempt once the last one ended, already for whoever awaited it', async () => {
    const flights = new SingleFlight<number>();
    let attempts = 0;
    const ask = (): Promise<number> => flights.run('key', async () => ++attempts);

    expect([await ask(), await ask(), await ask()]).toEqual([1, 2, 3]);
  });

  it('shares a failure and does not keep it', async () => {
    const flights = new SingleFlight<string>();
    const failure = new Error('no');
    const asked = [1, 2, 3].map(() => flights.run('key', () => Promise.reject(failure)));

    expect(await Promise.allSettled(asked)).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'rejected', reason: failure })),
    );
    expect(await flights.run('key', async () => 'yes')).toBe('yes');
  });

  it('turns an attempt that throws at once into a failure like any other', async () => {
    const flights = new SingleFlight<string>();
    const asked = flights.run('key', () => {
      throw new Error('no');
    });

    await expect(asked).rejects.toThrow('no');
    expect(await flights.run('key', async () => 'yes')).toBe('yes');
  });

  it('never runs two attempts of one key at a time, in whatever order they are asked for and end', async () => {
    const ask = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      turns: fc.nat(5),
      fails: fc.boolean(),
      pause: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { maxLength: 60 }), async (asks) => {
        const flights = new SingleFlight<string>();
        const running = new Map<string, number>();
        const asked: Promise<string>[] = [];
        for (const { key, turns, fails, pause } of asks) {
          const attempt = async (): Promise<string> => {
            const others = running.get(key) ?? 0;
            expect(others).toBe(0);
            running.set(key, others + 1);
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            running.set(key, others);
            if (fails) throw new Error(key);
            return key;
          };
          asked.push(flights.run(key, attempt));
          for (let turn = 0; turn < pause; turn++) await Promise.resolve();
        }
        for (const [index, outcome] of (await Promise.allSettled(asked)).entries()) {
          const got = outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).message;
          expect(got).toBe(asks[index]?.key);
        }
      }),
    );
  });

  it('holds under a hammer of 20,000 callers', async () => {
    const flights = new SingleFlight<number>();
    let attempts = 0;
    let most = 0;
    let now = 0;
    const caller = async (): Promise<void> => {
      for (let round = 0; round < 100; round++) {
        await flights.run('key', async () => {
          attempts++;
          most = Math.max(most, ++now);
          await new Promise(setImmediate);
          return now--;
        });
      }
    };
    await Promise.all(Array.from({ length: 200 }, caller));

    expect(most).toBe(1);
    expect(now).toBe(0);
    // All callers start together and each round of them shares one attempt.
    expect(attempts).toBe(100);
  });
});

import { PlugbayError, type PoolOptions, resolvePool } from '@plugbay/core';
import { FakeClock } from '@plugbay/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstancePool, type Lease, type Pooled } from './pool.ts';

class Thing implements Pooled {
  spent = false;
  disposed = false;
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
  dispose(): void {
    this.disposed = true;
  }
}

function poolOf(options: PoolOptions, create?: (id: number) => Thing) {
  const clock = new FakeClock();
  const things: Thing[] = [];
  const make = (): Thing => {
    const thing = create?.(things.length) ?? new Thing(things.length);
    things.push(thing);
    return thing;
  };
  const pool = new InstancePool<Thing>(resolvePool(options), clock, { make });
  return { pool, clock, things };
}

const CLOSED = () => new PlugbayError('canceled', 'closed');
const immediate = () => new Promise(setImmediate);
const taken = (pool: InstancePool<Thing>): Lease<Thing> => {
  const lease = pool.take();
  if (lease === undefined) throw new Error('nothing was free');
  return lease;
};

describe('a pool', () => {
  it('makes instances when they are needed, up to its number', () => {
    const { pool } = poolOf({ stateless: true, instances: 2 });
    const [first, second] = [taken(pool), taken(pool)];
    expect([first.instance.id, second.instance.id, pool.take()]).toEqual([0, 1, undefined]);
    pool.release(first);
    expect(taken(pool).instance.id).toBe(0);
    expect(pool.stats).toEqual({ instances: 2, busy: 2, waiting: 0, calls: 1, created: 2, discarded: 0 });
  });

  it('hands an instance to whoever waits longest', async () => {
    const { pool } = poolOf({});
    const lease = taken(pool);
    const order: string[] = [];
    const waits = ['a', 'b', 'c'].map(async (name) => {
      const mine = await pool.wait('a').value;
      order.push(name);
      await immediate();
      pool.release(mine);
    });
    expect(pool.stats.waiting).toBe(3);
    pool.release(lease);
    await Promise.all(waits);
    expect(order).toEqual(['a', 'b', 'c']);
    expect(pool.stats).toMatchObject({ created: 1, calls: 4, busy: 0 });
  });

  it('throws a spent instance away, and makes another for whoever waits', async () => {
    const { pool, things } = poolOf({});
    const lease = taken(pool);
    const next = pool.wait('a').value;
    lease.instance.spent = true;
    expect(pool.release(lease)).toBe(true);
    expect((await next).instance.id).toBe(1);
    expect(things[0]?.disposed).toBe(true);
  });

  it('tells whoever waits why there is no other, and goes on', async () => {
    const { pool } = poolOf({}, (id) => {
      if (id === 1) throw new PlugbayError('trap', 'cannot start');
      return new Thing(id);
    });
    const lease = taken(pool);
    const [first, second] = [pool.wait('a').value, pool.wait('a').value];
    lease.instance.spent = true;
    // The failed attempt is not among the things, so that the next one has its number, and fails as well.
    pool.release(lease);
    await expect(first).rejects.toMatchObject({ code: 'trap', message: 'cannot start' });
    await expect(second).rejects.toMatchObject({ code: 'trap' });
    expect(pool.stats).toMatchObject({ instances: 0, busy: 0, waiting: 0 });
  });

  it('replaces an instance after its uses', () => {
    const { pool } = poolOf({ uses: 2 });
    expect(pool.release(taken(pool))).toBe(false);
    expect(pool.release(taken(pool))).toBe(true);
    expect(taken(pool).instance.id).toBe(1);
  });

  it('keeps instances ready, made between calls', async () => {
    const { pool } = poolOf({ stateless: true, instances: 3, ahead: 2 });
    pool.fill();
    expect(pool.stats.instances).toBe(1);
    await immediate();
    expect(pool.stats.instances).toBe(2);
    const lease = taken(pool);
    lease.instance.spent = true;
    pool.release(lease);
    await immediate();
    expect(pool.stats).toMatchObject({ instances: 2, busy: 0, created: 3, discarded: 1 });
  });

  it('drops what nobody used for a while, but for those kept ready', () => {
    const { pool, clock, things } = poolOf({ stateless: true, instances: 4, ahead: 1, idleMs: 1_000 });
    const leases = [taken(pool), taken(pool), taken(pool)];
    for (const lease of leases) pool.release(lease);
    clock.advance(600);
    // The last one given back is taken first, so the others grow older.
    pool.release(taken(pool));
    clock.advance(600);
    expect([pool.stats.instances, things.map(({ disposed }) => disposed)]).toEqual([1, [true, true, false]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never drops the instance of a plugin that keeps something in its memory', () => {
    const { pool, clock } = poolOf({});
    pool.release(taken(pool));
    clock.advance(1e9);
    expect(pool.stats.instances).toBe(1);
  });
});

describe('waiting for an instance', () => {
  it('ends after its time', async () => {
    const { pool, clock } = poolOf({ waitMs: 50 });
    const lease = taken(pool);
    const wait = pool.wait('a').value;
    clock.advance(50);
    await expect(wait).rejects.toMatchObject({
      code: 'timeout',
      message: 'no instance was free within 50 ms',
    });
    pool.release(lease);
    expect(pool.stats).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('ends when it is given up', async () => {
    const { pool, clock } = poolOf({});
    const lease = taken(pool);
    const turn = pool.wait('a');
    turn.leave(CLOSED());
    await expect(turn.value).rejects.toMatchObject({ code: 'canceled' });
    turn.leave(CLOSED());
    pool.release(lease);
    expect(pool.stats).toMatchObject({ busy: 0, waiting: 0 });
    // One timer for all who wait; it finds nobody.
    clock.advance(30_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is refused to too many', async () => {
    const { pool } = poolOf({ waiting: 1 });
    taken(pool);
    pool.wait('a').value.catch(() => undefined);
    expect(() => pool.wait('a')).toThrow(
      expect.objectContaining({ code: 'limit', message: '1 calls wait already' }),
    );
    pool.close(CLOSED);
  });

  it('is fair between keys, and refused to too many of one', async () => {
    const { pool } = poolOf({ waiting: 5, waitingOfKey: 3 });
    const lease = taken(pool);
    const order: string[] = [];
    const serve = async (key: string): Promise<void> => {
      const mine = await pool.wait(key).value;
      order.push(key);
      pool.release(mine);
    };
    const waits = ['flood', 'flood', 'flood', 'other', 'third'].map(serve);
    expect(pool.stats.waiting).toBe(5);
    pool.release(lease);
    await Promise.all(waits);
    expect(order).toEqual(['flood', 'other', 'third', 'flood', 'flood']);
    taken(pool);
    for (let count = 0; count < 3; count++) pool.wait('flood').value.catch(() => undefined);
    expect(() => pool.wait('flood')).toThrow(
      expect.objectContaining({ code: 'limit', message: '3 calls of one fairness key wait already' }),
    );
    const other = pool.wait('other').value;
    expect(pool.stats.waiting).toBe(4);
    pool.close(CLOSED);
    await expect(other).rejects.toMatchObject({ code: 'canceled', message: 'closed' });
  });

  it('ends when the pool is closed, and busy instances go when they are given back', async () => {
    const { pool, clock, things } = poolOf({});
    const lease = taken(pool);
    const wait = pool.wait('a').value;
    pool.close(CLOSED);
    await expect(wait).rejects.toMatchObject({ code: 'canceled' });
    expect(pool.release(lease)).toBe(false);
    expect([things[0]?.disposed, pool.stats.instances, clock.pendingTimers]).toEqual([true, 0, 0]);
  });
});

describe('a hammered pool', () => {
  it('never gives an instance to two, serves everybody, and never has too many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ hops: fc.nat(3), spend: fc.boolean() }), { maxLength: 60 }),
        async (instances, calls) => {
          const { pool } = poolOf({ stateless: true, instances, uses: 5 });
          const busy = new Set<Thing>();
          await Promise.all(
            calls.map(async ({ hops, spend }) => {
              const lease = pool.take() ?? (await pool.wait('a').value);
              if (busy.has(lease.instance) || lease.instance.disposed) throw new Error('given twice');
              busy.add(lease.instance);
              if (busy.size > instances) throw new Error('too many');
              for (let left = hops; left > 0; left--) await null;
              busy.delete(lease.instance);
              lease.instance.spent = spend;
              pool.release(lease);
            }),
          );
          expect(pool.stats).toMatchObject({ busy: 0, waiting: 0, calls: calls.length });
        },
      ),
    );
  });
});

describe('an instance that was not given back, because the stack ended', () => {
  it('is thrown away by whoever wants the next one', () => {
    const { pool, things } = poolOf({});
    const lost = taken(pool);
    expect(pool.take()).toBe(undefined);
    lost.over = true;
    expect(taken(pool).instance.id).toBe(1);
    expect(things[0]?.disposed).toBe(true);
    expect(pool.stats).toMatchObject({ instances: 1, busy: 1, created: 2, discarded: 1 });
  });

  it('may still be given back, which changes nothing', () => {
    const { pool } = poolOf({});
    const lost = taken(pool);
    lost.over = true;
    const next = taken(pool);
    expect(pool.release(lost)).toBe(true);
    expect(pool.stats).toMatchObject({ instances: 1, busy: 1, discarded: 1 });
    expect(pool.release(next)).toBe(false);
    expect([taken(pool), pool.take()]).toEqual([next, undefined]);
  });

  it('is gone also when it does not let go of what it holds', () => {
    const { pool } = poolOf({}, (id) => {
      const thing = new Thing(id);
      if (id === 0) {
        thing.spent = true;
        thing.dispose = () => {
          throw new RangeError('Maximum call stack size exceeded');
        };
      }
      return thing;
    });
    const lease = taken(pool);
    expect(() => pool.release(lease)).toThrow(RangeError);
    expect(taken(pool).instance.id).toBe(1);
    expect(pool.stats).toMatchObject({ instances: 1, busy: 1, discarded: 1 });
  });
});

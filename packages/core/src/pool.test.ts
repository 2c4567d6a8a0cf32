import { describe, expect, it } from 'vitest';
import { type PoolOptions, resolvePool } from './pool.ts';

describe('the settings of a pool', () => {
  it('are one instance that waits for calls one by one', () => {
    expect(resolvePool()).toEqual({
      stateless: false,
      instances: 1,
      ahead: 0,
      uses: Number.POSITIVE_INFINITY,
      idleMs: 60_000,
      waitMs: 30_000,
      waiting: 1_000,
      waitingOfKey: 500,
    });
  });

  it('leave half of a queue to other keys', () => {
    expect(resolvePool({ waiting: 7 }).waitingOfKey).toBe(4);
    expect(resolvePool({ waiting: 7, waitingOfKey: 7 }).waitingOfKey).toBe(7);
  });

  it('are eight instances for a stateless plugin', () => {
    expect(resolvePool({ stateless: true }).instances).toBe(8);
  });

  it.each<[PoolOptions, string]>([
    [{ instances: 0 }, 'pool.instances must be a whole number from 1 to 100, not 0'],
    [{ stateless: true, instances: 101 }, 'pool.instances must be a whole number from 1 to 100, not 101'],
    [{ ahead: 2 }, 'pool.ahead must be a whole number from 0 to 1, not 2'],
    [{ uses: 0 }, 'pool.uses must be a whole number from 1 to 9007199254740991, not 0'],
    [{ idleMs: 1.5 }, 'pool.idleMs must be a whole number from 1 to 9007199254740991, not 1.5'],
    [{ waitMs: -1 }, 'pool.waitMs must be a whole number from 0 to 9007199254740991, not -1'],
    [{ waiting: Number.NaN }, 'pool.waiting must be a whole number from 0 to 9007199254740991, not NaN'],
    [{ instances: 2 }, 'a plugin with 2 instances must be stateless'],
  ])('%j are refused', (options, message) => {
    expect(() => resolvePool(options)).toThrow(expect.objectContaining({ code: 'invalid', message }));
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { measure } from './measure.ts';
import { median } from './median.ts';
import type { Contender, Row } from './row.ts';

describe('a median', () => {
  it('is the middle, whatever the order and the extremes', () => {
    expect([median([3, 1, 2]), median([1_000, 2, 1]), median([7]), median([])]).toEqual([
      3 - 1,
      2,
      7,
      Number.NaN,
    ]);
  });
});

describe('a row that measures itself', () => {
  it('is summarised as it is', async () => {
    const row = {
      name: 'a/b',
      unit: 'KB',
      must: 1,
      figures: async () => ({ ours: 2, peer: 4, limit: 1 }),
    } as const;
    expect(await measure(row)).toMatchObject({
      name: 'a/b',
      ours: 2,
      peer: 4,
      peerRatio: 2,
      limitRatio: 0.5,
    });
  });
});

describe('a row whose sides cannot all start', () => {
  it('closes those that did, and fails with the reason', async () => {
    const closed: string[] = [];
    const side = (name: string) => async () => ({
      run: async () => undefined,
      close: async () => void closed.push(name),
    });
    const row = {
      name: 'a/b',
      unit: 'us',
      must: null,
      ours: side('ours'),
      limit: side('limit'),
      peer: async () => {
        throw new Error('the peer is not installed');
      },
    } as const;
    await expect(measure(row)).rejects.toThrow('the peer is not installed');
    expect(closed).toEqual(['ours', 'limit']);
  });
});

describe('a row that does not come to an end', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const facts = { name: 'a/b', unit: 'us', must: null } as const;

  afterEach(() => void vi.useRealTimers());

  // Every timer at once, as often as new ones are set.
  const failing = async (row: Row): Promise<unknown> => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failed = measure(row).catch((error: unknown) => error);
    for (let timers = 0; timers < 3; timers++) await vi.runAllTimersAsync();
    return failed;
  };

  it('fails, and all of its sides are closed', async () => {
    const closed: string[] = [];
    const side = (name: string) => async () => ({ run: never, close: async () => void closed.push(name) });
    const error = await failing({ ...facts, ours: side('ours'), limit: side('limit') });
    expect(error).toEqual(new Error('a/b took longer than 180 s'));
    expect(closed).toEqual(['ours', 'limit']);
  });

  it('fails with all of its reasons when a side cannot be closed either', async () => {
    const side = async () => ({ run: never, close: never });
    const error = await failing({ ...facts, ours: side, limit: side });
    expect(error).toMatchObject({
      message: 'a/b failed',
      errors: [
        new Error('a/b took longer than 180 s'),
        new Error('closing ours of a/b took longer than 10 s'),
        new Error('closing limit of a/b took longer than 10 s'),
      ],
    });
  });

  it('fails when it measures itself, too', async () => {
    expect(await failing({ ...facts, figures: never })).toEqual(new Error('a/b took longer than 180 s'));
  });
});

describe('a run that has to be made ready', () => {
  afterEach(() => void vi.useRealTimers());

  it('is made ready each time, which does not count', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const order: string[] = [];
    const side = async (): Promise<Contender> => ({
      prepare: () => after(50).then(() => void order.push('ready')),
      run: () => after(100).then(() => void order.push('run')),
    });
    const measured = measure({ name: 'a/b', unit: 'us', must: null, ours: side, limit: side });
    await vi.runAllTimersAsync();
    expect(await measured).toMatchObject({ ours: 100_000, limit: 100_000 });
    expect([...new Set(order.join(' ').replaceAll('ready run', 'pair').split(' '))]).toEqual(['pair']);
  });
});

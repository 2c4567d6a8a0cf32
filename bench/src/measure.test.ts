import { describe, expect, it } from 'vitest';
import { measure } from './measure.ts';
import { median } from './median.ts';

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

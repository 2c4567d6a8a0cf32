import { describe, expect, it } from 'vitest';
import { jsonLine, table } from './report.ts';
import { summarise } from './summarise.ts';

const medians = { ours: 0.002, limit: 0.001, peer: 0.01 };

describe('a row', () => {
  it('of times is better with less, and its peerRatio is above 1 when we are', () => {
    expect(summarise({ name: 'a/b', unit: 'us', must: 4 }, medians)).toEqual({
      name: 'a/b',
      unit: 'us',
      ours: 2,
      peer: 10,
      limit: 1,
      peerRatio: 5,
      limitRatio: 0.5,
      must: 4,
      node: process.version,
    });
  });

  it('of rates is better with more, and its peerRatio is above 1 when we are', () => {
    expect(summarise({ name: 'a/b', unit: 'per_s', must: null }, medians)).toMatchObject({
      ours: 500_000,
      peer: 100_000,
      limit: 1_000_000,
      peerRatio: 5,
      limitRatio: 0.5,
    });
  });

  it('without a peer has no peerRatio', () => {
    const row = summarise({ name: 'a/b', unit: 'us', must: null }, { ...medians, peer: undefined });
    expect(row).toMatchObject({ peer: null, peerRatio: null });
  });

  it('is one line of JSON with exactly the promised keys', () => {
    const line = jsonLine(summarise({ name: 'a/b', unit: 'us', must: 4 }, medians));
    expect(line).not.toContain('\n');
    const keys = ['name', 'unit', 'ours', 'peer', 'limit', 'peerRatio', 'limitRatio', 'must', 'node'];
    expect(Object.keys(JSON.parse(line))).toEqual(keys);
  });

  it('that misses its must says so in the table', () => {
    const rows = [
      summarise({ name: 'fast', unit: 'us', must: 5 }, medians),
      summarise({ name: 'slow', unit: 'us', must: 6 }, medians),
    ];
    expect(table(rows)).toBe(
      [
        'name  unit  ours  peer  limit  peer ÷  limit ÷        must',
        'fast  us       2    10      1       5      0.5         ≥ 5',
        'slow  us       2    10      1       5      0.5  ≥ 6 missed',
      ].join('\n'),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { jsonLine, table } from './report.ts';
import { missed, summarise } from './summarise.ts';

const times = { ours: 2, limit: 1, peer: 10 };

describe('a row', () => {
  it.each(['us', 'ms', 'KB', 'x'] as const)('in %s is better with less', (unit) => {
    expect(summarise({ name: 'a/b', unit, must: 4 }, { ...times, peer1: 12 })).toEqual({
      name: 'a/b',
      unit,
      ours: 2,
      peer: 10,
      peer1: 12,
      limit: 1,
      peerRatio: 5,
      limitRatio: 0.5,
      must: 4,
      mustMax: null,
      mustMin: null,
      mustOver: null,
      node: process.version,
    });
  });

  it.each(['per_s', 'count'] as const)('in %s is better with more', (unit) => {
    const figures = { ours: 500, peer: 100, limit: 1_000 };
    expect(summarise({ name: 'a/b', unit, must: null }, figures)).toMatchObject({
      ours: 500,
      peer: 100,
      limit: 1_000,
      peerRatio: 5,
      limitRatio: 0.5,
    });
  });

  it('without a peer has no peerRatio', () => {
    const row = summarise({ name: 'a/b', unit: 'us', must: null }, { ours: 2, limit: 1 });
    expect(row).toMatchObject({ peer: null, peer1: null, peerRatio: null });
  });

  it('is rounded to four digits', () => {
    const row = summarise({ name: 'a/b', unit: 'us', must: null }, { ours: 3, peer: 10, limit: 123_456 });
    expect([row.peerRatio, row.limit, row.limitRatio]).toEqual([3.333, 123_500, 41_150]);
  });

  it('is one line of JSON with exactly the promised keys', () => {
    const line = jsonLine(summarise({ name: 'a/b', unit: 'us', must: 4 }, times));
    expect(line).not.toContain('\n');
    expect(Object.keys(JSON.parse(line))).toEqual([
      'name',
      'unit',
      'ours',
      'peer',
      'peer1',
      'limit',
      'peerRatio',
      'limitRatio',
      'must',
      'mustMax',
      'mustMin',
      'mustOver',
      'node',
    ]);
  });
});

describe('a promise', () => {
  const of = (promised: object): boolean =>
    missed(summarise({ name: 'a/b', unit: 'us', must: null, ...promised }, times));

  it('about the peer is broken below its ratio', () => {
    expect([of({ must: 5 }), of({ must: 5.1 })]).toEqual([false, true]);
  });

  it('about the peer is broken where there is none', () => {
    expect(missed(summarise({ name: 'a/b', unit: 'us', must: 1 }, { ours: 2, limit: 1 }))).toBe(true);
  });

  it('of a most or a least is about ours alone', () => {
    expect([of({ mustMax: 2 }), of({ mustMax: 1.9 }), of({ mustMin: 2 }), of({ mustMin: 2.1 })]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('of a most above the limit is about the difference', () => {
    expect([of({ mustOver: 1 }), of({ mustOver: 0.9 })]).toEqual([false, true]);
  });

  it('that was not made is not broken', () => {
    expect(of({})).toBe(false);
  });

  it('that is broken shows in the table', () => {
    const rows = [
      summarise({ name: 'fast', unit: 'us', must: 5 }, times),
      summarise({ name: 'slow', unit: 'us', must: 6 }, { ...times, peer1: 12 }),
      summarise({ name: 'fuel', unit: 'x', must: null, mustMax: 1.12 }, { ours: 1.25, limit: 1 }),
      summarise({ name: 'many', unit: 'count', must: null, mustMin: 8 }, { ours: 9, limit: 9 }),
      summarise({ name: 'near', unit: 'us', must: null, mustOver: 5 }, { ours: 8, limit: 4 }),
      summarise({ name: 'far', unit: 'ms', must: null, mustOver: 5 }, { ours: 10, limit: 4 }),
    ];
    expect(table(rows)).toBe(
      [
        'name  unit   ours  peer  peer1  limit  peer ÷  limit ÷                     must',
        'fast  us        2    10      –      1       5      0.5                      ≥ 5',
        'slow  us        2    10     12      1       5      0.5               ≥ 6 missed',
        'fuel  x      1.25     –      –      1       –      0.8       ours ≤ 1.12 missed',
        'many  count     9     –      –      9       –        1                 ours ≥ 8',
        'near  us        8     –      –      4       –      0.5         ours ≤ limit + 5',
        'far   ms       10     –      –      4       –      0.4  ours ≤ limit + 5 missed',
      ].join('\n'),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

describe('a fair queue', () => {
  const filled = (entries: string): FairQueue<string> => {
    const queue = new FairQueue<string>();
    for (const entry of entries.split(' ')) queue.push(entry[0] ?? '', entry);
    return queue;
  };
  const drained = (queue: FairQueue<string>): string => {
    const all: string[] = [];
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) all.push(item);
    return all.join(' ');
  };

  it('is first in, first out for one key', () => {
    expect(drained(filled('a1 a2 a3'))).toBe('a1 a2 a3');
  });

  it('gives each key its turn, however many of another one wait', () => {
    expect(drained(filled('a1 a2 a3 a4 b1 c1 c2'))).toBe('a1 b1 c1 a2 c2 a3 a4');
  });

  it('lets a key that comes back wait behind those that wait', () => {
    const queue = filled('a1 b1 c1');
    expect(queue.shift()).toBe('a1');
    queue.push('a', 'a2');
    expect(drained(queue)).toBe('b1 c1 a2');
  });

  it('lets one leave out of its turn', () => {
    const queue = filled('a1 a2 b1');
    expect(queue.remove('a', 'a1')).toBe(true);
    expect(queue.remove('a', 'a1')).toBe(false);
    expect([queue.length, queue.count('a'), queue.count('c')]).toEqual([2, 1, 0]);
    expect(drained(queue)).toBe('a2 b1');
    expect([queue.length, queue.shift()]).toEqual([0, undefined]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, FairQueue } from './fair-queue.ts';

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
    const queue = new FairQueue<string>();
    const [first, middle, last] = ['a1', 'a2', 'a3'].map((item) => queue.push('a', item));
    queue.push('b', 'b1');
    for (const entry of [middle!, last!, first!]) {
      expect(queue.remove(entry)).toBe(true);
      expect(queue.remove(entry)).toBe(false);
    }
    expect([queue.length, queue.count('a'), queue.count('c')]).toEqual([1, 0, 0]);
    queue.push('a', 'a4');
    expect(drained(queue)).toBe('b1 a4');
    expect([queue.length, queue.shift()]).toEqual([0, undefined]);
  });

  it('keeps the order of each key and takes them by turns, whatever leaves in between', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.constantFrom('a', 'b', 'c') }),
        fc.record({ leave: fc.nat(20) }),
        fc.constant({ take: true }),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new FairQueue<number>();
        const entries: Entry<number>[] = [];
        // The model: the lines in the order of their turns.
        let lines: [string, number[]][] = [];
        for (const [number, step] of all.entries()) {
          if ('add' in step) {
            entries.push(queue.push(step.add, number));
            const line = lines.find(([key]) => key === step.add);
            if (line === undefined) lines.push([step.add, [number]]);
            else line[1].push(number);
          } else if ('leave' in step) {
            const entry = entries[step.leave];
            if (entry !== undefined) queue.remove(entry);
            for (const line of lines) line[1] = line[1].filter((item) => item !== entry?.item);
          } else {
            const [first] = lines;
            expect(queue.shift()).toBe(first?.[1].shift());
            if (first !== undefined) lines = [...lines.slice(1), first];
          }
          lines = lines.filter(([, items]) => items.length > 0);
          expect(queue.length).toBe(lines.reduce((sum, [, items]) => sum + items.length, 0));
        }
      }),
    );
  });
});

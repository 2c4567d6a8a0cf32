import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bag, type Bagged } from './bag.ts';

describe('a bag', () => {
  it('has what was added and not taken out, as a set would', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const items: (Bagged & { readonly name: number })[] = Array.from({ length: 10 }, (_, name) => ({
          name,
          place: -1,
        }));
        const bag = new Bag<(typeof items)[number]>();
        const model = new Set<number>();
        for (const [adds, index] of all) {
          const item = items[index]!;
          if (adds) bag.add(item);
          else bag.delete(item);
          if (adds) model.add(index);
          else model.delete(index);
          expect(bag.size).toBe(model.size);
        }
        expect([...bag].map(({ name }) => name).sort()).toEqual([...model].sort());
        bag.clear();
        expect([bag.size, items.every(({ place }) => place === -1)]).toEqual([0, true]);
      }),
    );
  });

  it('may be changed while it is walked through', () => {
    const items: Bagged[] = Array.from({ length: 5 }, () => ({ place: -1 }));
    const bag = new Bag<Bagged>();
    for (const item of items) bag.add(item);
    let seen = 0;
    for (const item of bag) {
      bag.delete(item);
      seen += 1;
    }
    expect([seen, bag.size]).toEqual([5, 0]);
  });
});

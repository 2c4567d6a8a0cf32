import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTROL, RING, SHARED_BYTES, SharedLayout } from './layout.ts';
import { Ring } from './ring.ts';

// Near the end of what a word counts, where the counts become negative.
function ringFrom(start: number): Ring {
  const { control, inbox } = new SharedLayout(new SharedArrayBuffer(SHARED_BYTES));
  control[CONTROL.inboxTail] = start;
  control[CONTROL.inboxHead] = start;
  return new Ring(inbox, control, CONTROL.inboxTail, CONTROL.inboxHead);
}

describe('a ring', () => {
  it.each([0, 2 ** 31 - 5, -3])('is first in, first out, also when its counts go round at %d', (start) => {
    const ring = ringFrom(start);
    const expected: number[] = [];
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(1_000)), { maxLength: 50 }), (steps) => {
        for (const step of steps) {
          if (step === null) expect(ring.pop()).toBe(expected.shift() ?? -1);
          else {
            ring.push(step);
            expected.push(step);
          }
          expect(ring.empty).toBe(expected.length === 0);
        }
        while (expected.length > 0) expect(ring.pop()).toBe(expected.shift());
        expect(ring.pop()).toBe(-1);
      }),
    );
  });

  it('holds as many entries as it has room for', () => {
    const ring = ringFrom(7);
    for (let entry = 0; entry < RING; entry++) ring.push(entry);
    for (let entry = 0; entry < RING; entry++) expect(ring.pop()).toBe(entry);
    expect(ring.empty).toBe(true);
  });
});

import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { Watchdog, type Watched } from './watchdog.ts';

interface Named extends Watched {
  readonly name: string;
}

function watching() {
  const clock = new FakeClock();
  const due: string[] = [];
  const dog = new Watchdog<Named>(clock, ({ name }) => void due.push(name));
  const watch = (name: string, ms: number): Named => {
    const item = { name, dueAt: clock.monotonic() + ms, place: -1 };
    dog.watch(item);
    return item;
  };
  return { clock, due, dog, watch };
}

describe('a watchdog', () => {
  it('tells of each when it is due, whatever the order in which they came', () => {
    const { clock, due, watch } = watching();
    watch('late', 50);
    watch('soon', 10);
    watch('between', 20);
    const told: string[][] = [];
    for (const ms of [9, 1, 10, 29, 1]) {
      clock.advance(ms);
      told.push(due.splice(0));
    }
    expect(told).toEqual([[], ['soon'], ['between'], [], ['late']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('says nothing of what was released, and has one timer however many it watches', () => {
    const { clock, due, dog, watch } = watching();
    const items = Array.from({ length: 100 }, (_, index) => watch(`${index}`, 100 + index));
    expect(clock.pendingTimers).toBe(1);
    for (const item of items.slice(1)) dog.release(item);
    clock.advance(1_000);
    expect(due).toEqual(['0']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('can watch another one while it tells of one', () => {
    const clock = new FakeClock();
    const due: number[] = [];
    const dog: Watchdog<Watched> = new Watchdog<Watched>(clock, () => {
      due.push(clock.monotonic());
      if (due.length < 3) dog.watch({ dueAt: clock.monotonic() + 10, place: -1 });
    });
    const start = clock.monotonic();
    dog.watch({ dueAt: start + 10, place: -1 });
    for (let step = 0; step < 5; step++) clock.advance(10);
    expect(due).toEqual([start + 10, start + 20, start + 30]);
  });

  it('lets go of its timer', () => {
    const { clock, due, dog, watch } = watching();
    watch('never', 10);
    dog.close();
    clock.advance(100);
    expect([due, clock.pendingTimers]).toEqual([[], 0]);
  });
});

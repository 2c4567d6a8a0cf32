import type { Clock } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAKE_CLOCK_START, FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('starts at a fixed time and stands still', () => {
    const clock: Clock = new FakeClock();

    expect(new Date(clock.now()).toISOString()).toBe('2026-01-01T00:00:00.000Z');
    expect(clock.now()).toBe(FAKE_CLOCK_START);
    expect(clock.monotonic()).toBe(0);
  });

  it('starts at the time it was given', () => {
    expect(new FakeClock(7).now()).toBe(7);
  });

  it('goes on by what it is advanced by', () => {
    const clock = new FakeClock(1_000);
    clock.advance(0.5);
    clock.advance(10);

    expect([clock.now(), clock.monotonic()]).toEqual([1_010.5, 10.5]);
  });

  it('fires a timer when its time has come, once, and not before', () => {
    const clock = new FakeClock();
    let fired = 0;
    clock.timer(10, () => fired++);
    clock.advance(9.9);
    expect(fired).toBe(0);
    clock.advance(0.2);
    expect(fired).toBe(1);
    clock.advance(100);
    expect(fired).toBe(1);
  });

  it('fires in the order of the due times, and of setting where they are equal, each at its own time', () => {
    const clock = new FakeClock(0);
    const fired: [string, number][] = [];
    for (const [name, ms] of Object.entries({ late: 30, first: 10, second: 10, never: 41, middle: 20 })) {
      clock.timer(ms, () => fired.push([name, clock.now()]));
    }
    clock.advance(40);

    expect(fired).toEqual([
      ['first', 10],
      ['second', 10],
      ['middle', 20],
      ['late', 30],
    ]);
    expect(clock.now()).toBe(40);
    expect(clock.pendingTimers).toBe(1);
  });

  it('fires timers that are set while it advances, when they are due', () => {
    const clock = new FakeClock(0);
    const fired: number[] = [];
    const tick = (): void => {
      fired.push(clock.now());
      clock.timer(10, tick);
    };
    clock.timer(10, tick);
    clock.advance(35);

    expect(fired).toEqual([10, 20, 30]);
    clock.advance(5);
    expect(fired).toEqual([10, 20, 30, 40]);
  });

  it('comes to an end although a timer of 0 ms sets itself again', () => {
    const clock = new FakeClock();
    let fired = 0;
    const again = (): void => {
      fired++;
      clock.timer(0, again);
    };
    clock.timer(0, again);
    clock.advance(5);

    expect(fired).toBe(5);
  });

  it('fires no timer that was cancelled, also by another one on the way', () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const second = clock.timer(20, () => fired.push('second'));
    const first = clock.timer(10, () => {
      fired.push('first');
      second.cancel();
    });
    clock.timer(5, () => undefined).cancel();
    expect(clock.pendingTimers).toBe(2);
    clock.advance(100);
    first.cancel();
    second.cancel();

    expect(fired).toEqual(['first']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never goes back, even when a timer advances it itself', () => {
    const clock = new FakeClock(0);
    const fired: number[] = [];
    clock.timer(10, () => clock.advance(100));
    clock.timer(20, () => fired.push(clock.now()));
    clock.advance(15);

    expect(fired).toEqual([20]);
    expect(clock.now()).toBe(110);
  });

  it('lets out what a timer throws, and goes on from there', () => {
    const clock = new FakeClock(0);
    let fired = false;
    clock.timer(10, () => {
      throw new Error('no');
    });
    clock.timer(10, () => {
      fired = true;
    });

    expect(() => clock.advance(20)).toThrow('no');
    expect([clock.now(), fired]).toEqual([10, false]);
    clock.advance(0);
    expect(fired).toBe(true);
  });

  it('never fires a timer of infinite time', () => {
    const clock = new FakeClock();
    clock.timer(Number.POSITIVE_INFINITY, () => expect.unreachable());
    clock.advance(Number.MAX_SAFE_INTEGER);

    expect(clock.pendingTimers).toBe(1);
  });

  it('fires exactly the due ones in order, however it is advanced', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 20 }),
        fc.array(fc.nat(20), { maxLength: 8 }),
        (delays, steps) => {
          const clock = new FakeClock(0);
          const fired: number[] = [];
          for (const ms of delays) clock.timer(ms, () => fired.push(clock.now()));
          for (const ms of steps) clock.advance(ms);
          const total = steps.reduce((sum, ms) => sum + ms, 0);
          const due = delays.map((ms) => Math.max(1, ms)).filter((ms) => ms <= total);

          expect(fired).toEqual(due.sort((a, b) => a - b));
          expect(clock.pendingTimers).toBe(delays.length - due.length);
        },
      ),
    );
  });
});

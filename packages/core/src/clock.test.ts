import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const DAY_MS = 86_400_000;

describe('systemClock', () => {
  it('tells the time of the machine', () => {
    const before = Date.now();
    const now = systemClock.now();

    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('never goes back', () => {
    let last = systemClock.monotonic();
    for (let reading = 0; reading < 10_000; reading++) {
      const next = systemClock.monotonic();
      expect(next).toBeGreaterThanOrEqual(last);
      last = next;
    }
  });

  it('keeps no process alive with a timer', () => {
    const script = `
      import { systemClock } from ${JSON.stringify(new URL('clock.ts', import.meta.url).href)};
      systemClock.timer(60_000, () => console.log('fired'));
      systemClock.timer(Infinity, () => console.log('fired'));
    `;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });

    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});

describe('systemClock.timer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls once, after its time and not before', () => {
    const action = vi.fn();
    systemClock.timer(100, action);
    vi.advanceTimersByTime(99);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1_000);
    expect(action).toHaveBeenCalledTimes(1);
  });

  it('calls nothing once cancelled, however often', () => {
    const action = vi.fn();
    const timer = systemClock.timer(100, action);
    timer.cancel();
    timer.cancel();
    vi.advanceTimersByTime(1_000);

    expect(action).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be cancelled after it fired', () => {
    const action = vi.fn();
    const timer = systemClock.timer(1, action);
    vi.advanceTimersByTime(1);
    timer.cancel();

    expect(action).toHaveBeenCalledTimes(1);
  });

  // setTimeout itself fires after one millisecond when it is given more than 2 ** 31 - 1.
  it('waits for longer than setTimeout can', () => {
    const action = vi.fn();
    systemClock.timer(60 * DAY_MS, action);
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledTimes(1);
  });

  it('never calls after an infinite time, and can still be cancelled', () => {
    const action = vi.fn();
    const timer = systemClock.timer(Number.POSITIVE_INFINITY, action);
    vi.advanceTimersByTime(365 * DAY_MS);
    expect(action).not.toHaveBeenCalled();
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });
});

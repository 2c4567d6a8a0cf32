import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RoundTrips } from './round-trips.ts';

const LONG_ENOUGH_TO_SLEEP_MS = 50;

describe('round trips', () => {
  it('end in their order, alone, many at once, and after both sides have slept', async () => {
    const trips = new RoundTrips();
    const ended: number[] = [];
    const ask = (question: number): Promise<void> => trips.ask().then(() => void ended.push(question));
    await ask(0);
    await setTimeout(LONG_ENOUGH_TO_SLEEP_MS);
    await ask(1);
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => ask(2 + index)));
    for (let question = 1_002; question < 2_000; question++) await ask(question);
    await trips.close();
    expect(ended).toEqual(Array.from({ length: 2_000 }, (_, index) => index));
  });
});

import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('lets as many work as it was told, the others in the order in which they came', async () => {
  const turns = new Turns(2, 10);
  const log: string[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const done = gates.map(({ promise }, index) =>
    turns.run(async () => {
      log.push(`start ${index}`);
      await promise;
      log.push(`end ${index}`);
    }),
  );
  await Promise.resolve();
  expect(log).toEqual(['start 0', 'start 1']);
  gates[1]?.resolve();
  await done[1];
  gates[2]?.resolve();
  await done[2];
  gates[0]?.resolve();
  gates[3]?.resolve();
  await Promise.all(done);
  expect(log.slice(0, 5)).toEqual(['start 0', 'start 1', 'end 1', 'start 2', 'end 2']);
});

it('gives a turn back when the work fails', async () => {
  const turns = new Turns(1, 10);
  await expect(turns.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.run(async () => 'yes')).toBe('yes');
});

it('turns away those for whom the line is too long, and takes them again later', async () => {
  const turns = new Turns(1, 1);
  const gate = Promise.withResolvers<void>();
  const working = turns.run(() => gate.promise);
  const waiting = turns.run(async () => 'waited');
  await expect(turns.run(async () => undefined)).rejects.toMatchObject({
    code: 'unavailable',
    message: '1 pushes wait already',
    hint: 'Try again in a moment.',
  });
  gate.resolve();
  await working;
  expect(await waiting).toBe('waited');
  expect(await turns.run(async () => 'later')).toBe('later');
});

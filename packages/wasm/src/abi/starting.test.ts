import { wat } from '@plugbay/testing';
import { expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { type GuestStep, type Starting, startLater, startNow } from './starting.ts';
import type { Waiting } from './waiting.ts';

type Guest = Readonly<Record<'add' | 'trap', GuestStep[0]>>;

/** A guest whose `add` hands two numbers to its host. */
async function guest(add: (one: number, two: number) => unknown): Promise<Guest> {
  const bytes = await wat(`(module (import "host" "add" (func $add (param i32 i32)))
    (func (export "add") (param i32 i32) (call $add (local.get 0) (local.get 1)))
    (func (export "trap") unreachable))`);
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, { host: { add } }).exports as unknown as Guest;
}

function* starting({ add, trap }: Guest, heard: unknown[]): Starting<string> {
  yield [add, 1, 2];
  try {
    yield [trap];
  } catch (thrown) {
    heard.push(thrown instanceof WebAssembly.RuntimeError);
  }
  yield [add, 3, 4];
  return 'started';
}

const waiting = { unsuspended: (run: () => unknown) => run() } as unknown as Waiting;

it('takes its steps one after the other, at once, and hears what they throw', async () => {
  const heard: unknown[] = [];
  const exports = await guest((...values) => heard.push(values));
  expect(startNow(starting(exports, heard))).toBe('started');
  expect(heard).toEqual([[1, 2], true, [3, 4]]);
});

it('takes them later, while its guest is suspended in between', async () => {
  const heard: unknown[] = [];
  const add = async (...values: number[]): Promise<void> => {
    await new Promise(setImmediate);
    heard.push(values);
  };
  const exports = await guest(new WebAssembly.Suspending(add) as never);
  expect(await startLater(starting(exports, heard), waiting)).toBe('started');
  expect(heard).toEqual([[1, 2], true, [3, 4]]);
});

it('ends with what its last step threw', async () => {
  const { trap } = await guest(() => undefined);
  function* trapping(): Starting<void> {
    yield [trap];
  }
  expect(() => startNow(trapping())).toThrow(WebAssembly.RuntimeError);
  expect(await failureOf(async () => startLater(trapping(), waiting))).toBeInstanceOf(
    WebAssembly.RuntimeError,
  );
});

it('is there at once when nothing of the guest has to run', () => {
  // biome-ignore lint/correctness/useYield: that is what it is about
  function* empty(): Starting<number> {
    return 7;
  }
  expect([startNow(empty()), startLater(empty(), waiting)]).toEqual([7, 7]);
});

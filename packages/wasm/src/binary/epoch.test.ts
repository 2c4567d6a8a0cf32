import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { ENDLESS } from '../../test/endless.ts';
import { failureOf } from '../../test/open.ts';
import { FUEL_EXPORT } from './added-names.ts';
import { type EpochOptions, watchModule } from './epoch.ts';
import { meterModule } from './fuel.ts';
import { readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';

const MEMORY = { module: 'plugbay:host', name: 'flag' };
const LOOK_UP = { module: 'plugbay:host', name: 'look_up' };
const OPTIONS: EpochOptions = { memory: MEMORY, lookUp: LOOK_UP, offset: 8 };
const LOOP =
  '(func (export "loop") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))';
const COUNT = `(func (export "count") (param i32) (result i32) (local i32)
  (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
  (local.get 1))`;

interface Watched {
  readonly run: Record<string, (...values: unknown[]) => unknown>;
  readonly flag: Int32Array;
}

const END = (): number => 0;

// Ends when it looks up, unless `lookUp` says otherwise. Metered as well, so that a flag that nobody looks at ends in a failure and not in a test that hangs.
function open(
  bytes: Uint8Array,
  options: Partial<EpochOptions> = {},
  lookUp: (flag: Int32Array) => unknown = END,
): Watched {
  const watched = watchModule(bytes, readModuleShape(bytes, OWN_POLICY), { ...OPTIONS, ...options });
  const bounded = meterModule(watched, readModuleShape(watched, OWN_POLICY));
  const memory = sharedMemory();
  const module = new WebAssembly.Module(bounded);
  const flag = new Int32Array(memory.buffer, options.offset ?? 8, 1);
  const asked = () => lookUp(flag);
  const { exports } = new WebAssembly.Instance(module, {
    'plugbay:host': {
      flag: memory,
      look_up: lookUp === SUSPENDED ? new WebAssembly.Suspending(asked) : asked,
    },
  });
  (exports[FUEL_EXPORT] as WebAssembly.Global).value = 20_000_000_000n;
  return { run: exports as Watched['run'], flag };
}

const sharedMemory = (): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });

// What it does while the module waits for it.
async function SUSPENDED(flag: Int32Array): Promise<number> {
  flag[0] = 0;
  await new Promise(setImmediate);
  return 1;
}

// Another thread that sets the flag every 5 ms, until the flag after it is set.
async function setFromAnotherThread(flag: Int32Array): Promise<Worker> {
  const source = `const { workerData, parentPort } = require('node:worker_threads');
    const [flag, end] = [0, 4].map((at) => new Int32Array(workerData.buffer, workerData.at + at, 1));
    parentPort.postMessage('ready');
    while (Atomics.wait(end, 0, 0, 5) === 'timed-out') Atomics.store(flag, 0, 1);`;
  const worker = new Worker(source, { eval: true, workerData: { buffer: flag.buffer, at: flag.byteOffset } });
  await once(worker, 'message');
  return worker;
}

function fuelLeft({ run }: Watched): bigint {
  return (run[FUEL_EXPORT] as unknown as { value: bigint }).value;
}

describe('a watched module', () => {
  it('runs while the flag is 0, and does not while it is not', async () => {
    const { run, flag } = open(await wat(`(module ${LOOP})`));
    run.loop!(1000);
    flag[0] = 1;
    const error = await failureOf(() => run.loop!(1000));
    expect([error.constructor, error.message]).toEqual([WebAssembly.RuntimeError, 'unreachable']);
    flag[0] = 0;
    run.loop!(1000);
  });

  it.each(ENDLESS)('is ended by the flag: $name', async ({ bytes, call }) => {
    const watched = open(await bytes());
    watched.flag[0] = 1;
    expect(() => watched.run[call]!(1)).toThrow('unreachable');
    expect(fuelLeft(watched)).toBeGreaterThan(19_999_000_000n);
  });

  it('is ended by a flag that another thread sets while it runs', async () => {
    const watched = open(await wat('(module (func (export "spin") (loop (br 0))))'));
    const { flag } = watched;
    const worker = await setFromAnotherThread(flag);
    expect(() => watched.run.spin!()).toThrow('unreachable');
    expect([flag[0], fuelLeft(watched) > 0n]).toEqual([1, true]);
    await worker.terminate();
  });

  it('goes on, each time that another thread sets the flag, for as long as it is told to', async () => {
    let asked = 0;
    const bytes = await wat('(module (func (export "spin") (loop (br 0))))');
    const { run, flag } = open(bytes, {}, (set) => {
      set[0] = 0;
      return ++asked < 3 ? 1 : 0;
    });
    const worker = await setFromAnotherThread(flag);
    expect(() => run.spin!()).toThrow('unreachable');
    expect(asked).toBe(3);
    await worker.terminate();
  });

  it.each([1, -1, 0x7fff_ffff])('goes on as if nothing had been when it is told %i', async (answer) => {
    const source = `(module (func (export "sum") (param i32) (result i64) (local i64)
      (loop (local.set 1 (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`;
    let asked = 0;
    const { run, flag } = open(await wat(source), {}, () => {
      asked++;
      return answer;
    });
    flag[0] = 1;
    expect(run.sum!(1000)).toBe(500_500n);
    // The flag stays set, so that it asks at each turn.
    expect(asked).toBe(1_000);
  });

  it('can be suspended where it looks up, and goes on from there', async () => {
    const { run, flag } = open(await wat(`(module ${COUNT})`), {}, SUSPENDED);
    flag[0] = 1;
    const counting = WebAssembly.promising(run.count!)(1000);
    expect(flag[0]).toBe(0);
    let settled = false;
    counting.then(() => {
      settled = true;
    });
    await Promise.resolve();
    expect(settled).toBe(false);
    expect(await counting).toBe(1000);
  });

  it.each([
    ['catch_all', '(try (do (call $spin)) (catch_all))'],
    ['a try_table', '(block (try_table (catch_all 0) (call $spin)))'],
  ])('cannot catch its end with %s', async (_, body) => {
    const { run, flag } = open(
      await wat(`(module (func $spin (loop (br 0))) (func (export "run") ${body}))`),
    );
    flag[0] = 1;
    const error = await failureOf(() => run.run!());
    expect([error.constructor, error.message]).toEqual([WebAssembly.RuntimeError, 'unreachable']);
  });

  it('looks at the flag where it was told to', async () => {
    const { run, flag } = open(await wat(`(module ${LOOP})`), { offset: 65_532 });
    flag[0] = 5;
    expect(() => run.loop!(1)).toThrow('unreachable');
  });

  it('keeps its own memories, wherever they were', async () => {
    const source = `(module (memory (export "memory") 1) (data (i32.const 3) "abc") ${LOOP}
      (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0))))`;
    const { run, flag } = open(await wat(source));
    expect([run.read!(3), run.read!(5), run.read!(8)]).toEqual([97, 99, 0]);
    flag[0] = 1;
    expect(run.read!(8)).toBe(0);
  });

  it('does not look at it in functions that are the host’s own', async () => {
    const { run, flag } = open(await wat(`(module (func (export "loop2") (loop (nop))) ${LOOP})`), {
      trusted: 1,
    });
    flag[0] = 1;
    run.loop!(10);
    expect(() => run.loop2!()).toThrow('unreachable');
  });

  it.each([
    ['flag', '(memory 1 1 shared)'],
    ['look_up', '(func (result i32))'],
  ])('is refused when it imports %s itself', async (name, type) => {
    const bytes = await wat(`(module (import "plugbay:host" "${name}" ${type}))`);
    const error = await failureOf(() => open(bytes));
    expect([error.code, error.message]).toEqual([
      'invalid',
      `the module imports plugbay:host ${name}, a name that is reserved`,
    ]);
  });
});

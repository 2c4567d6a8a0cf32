import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { ENDLESS } from '../../test/endless.ts';
import { failureOf } from '../../test/open.ts';
import { type EpochOptions, watchModule } from './epoch.ts';
import { FUEL_EXPORT, meterModule } from './fuel.ts';
import { readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';

const MEMORY = { module: 'plugbay:host', name: 'flag' };
const OPTIONS: EpochOptions = { memory: MEMORY, offset: 8 };
const LOOP =
  '(func (export "loop") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))';

interface Watched {
  readonly run: Record<string, (...values: unknown[]) => unknown>;
  readonly flag: Int32Array;
}

// Metered as well, so that a flag that nobody looks at ends in a failure and not in a test that hangs.
function open(bytes: Uint8Array, options: Partial<EpochOptions> = {}): Watched {
  const watched = watchModule(bytes, readModuleShape(bytes, OWN_POLICY), { ...OPTIONS, ...options });
  const bounded = meterModule(watched, readModuleShape(watched, OWN_POLICY));
  const memory = sharedMemory();
  const module = new WebAssembly.Module(bounded);
  const { exports } = new WebAssembly.Instance(module, { 'plugbay:host': { flag: memory } });
  (exports[FUEL_EXPORT] as WebAssembly.Global).value = 20_000_000_000n;
  return { run: exports as Watched['run'], flag: new Int32Array(memory.buffer, options.offset ?? 8, 1) };
}

function sharedMemory(): { buffer: SharedArrayBuffer } {
  const { Memory } = WebAssembly as unknown as {
    Memory: new (descriptor: object) => { buffer: SharedArrayBuffer };
  };
  return new Memory({ initial: 1, maximum: 2, shared: true });
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
    const source = `const { workerData, parentPort } = require('node:worker_threads');
      const flag = new Int32Array(workerData.buffer, workerData.at, 1);
      parentPort.postMessage('ready');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      Atomics.store(flag, 0, 1);`;
    const worker = new Worker(source, {
      eval: true,
      workerData: { buffer: flag.buffer, at: flag.byteOffset },
    });
    await once(worker, 'message');
    expect(() => watched.run.spin!()).toThrow('unreachable');
    expect([flag[0], fuelLeft(watched) > 0n]).toEqual([1, true]);
    await worker.terminate();
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

  it('is refused when it imports the memory itself', async () => {
    const bytes = await wat('(module (import "plugbay:host" "flag" (memory 1 1 shared)))');
    const error = await failureOf(() => open(bytes));
    expect([error.code, error.message]).toEqual([
      'invalid',
      'the module imports plugbay:host flag, a name that is reserved',
    ]);
  });
});

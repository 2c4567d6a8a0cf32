// What counting a guest's work costs it: nine kernels as they were compiled, and metered.
import { guardModule, meterModule, OWN_POLICY } from '@plugbay/wasm/internal';
import { guest } from '../guests.ts';
import { median } from '../median.ts';
import type { FigureRow } from '../row.ts';

type Bytes = Uint8Array<ArrayBuffer>;

// What each does is said in guests/fuel; the numbers make one run take a millisecond or more.
const KERNELS: Readonly<Record<string, number>> = {
  fib: 27,
  sort: 30_000,
  matmul: 112,
  sha256: 6_000,
  crc: 600_000,
  bytesum: 150,
  mandel: 100,
  tokenise: 7_000,
  hash_map: 40_000,
};
const ROUNDS = 31;
// The optimising compiler replaces a function while it runs; after this long it has.
const WARM_UP_MS = 250;

// As the engine does it: the module asks for more whenever it has used so much.
const TICK = { module: 'host', name: 'tick' };
const SLICE = 100_000;

/** The geometric mean of the slow-downs of all kernels. */
export const fuelGeomean: FigureRow = {
  name: 'wasm/fuel/geomean',
  unit: 'x',
  must: null,
  mustMax: 1.12,
  async figures() {
    let product = 1;
    for (const [name, size] of Object.entries(KERNELS)) {
      const bytes = await guest(`fuel/${name}`);
      const slowDown = compare(name, instantiate(bytes).run as Kernel, metered(bytes), size);
      console.error(`  ${name}: ${slowDown.toFixed(3)}`);
      product *= slowDown;
    }
    return { ours: product ** (1 / Object.keys(KERNELS).length), limit: 1 };
  },
};

function metered(bytes: Bytes): Kernel {
  const module = meterModule(bytes, guardModule(bytes, OWN_POLICY), { tick: TICK });
  return instantiate(new Uint8Array(module)).run as Kernel;
}

function compare(name: string, plain: Kernel, metered: Kernel, size: number): number {
  const [sum, expected] = [metered(size), plain(size)];
  if (sum !== expected) throw new Error(`${name} answers ${sum} when it is metered, and ${expected} plain`);
  for (const kernel of [plain, metered]) warmUp(kernel, size);
  const plainTimes: number[] = [];
  const meteredTimes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plainTimes.push(time(plain, size));
    meteredTimes.push(time(metered, size));
  }
  return median(meteredTimes) / median(plainTimes);
}

type Kernel = (size: number) => number;

function instantiate(bytes: Bytes): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { tick: () => SLICE } }).exports;
}

function warmUp(kernel: Kernel, size: number): void {
  const until = performance.now() + WARM_UP_MS;
  while (performance.now() < until) kernel(size);
}

function time(kernel: Kernel, size: number): number {
  const started = performance.now();
  kernel(size);
  return performance.now() - started;
}

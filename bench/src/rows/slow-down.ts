// How much longer nine kernels take when they are rewritten: what each does is said in guests/fuel.
import { guest } from '../guests.ts';
import { median } from '../median.ts';
import type { Figures } from '../row.ts';

/** A module's bytes. */
export type Bytes = Uint8Array<ArrayBuffer>;

type Kernel = (size: number) => number;

// The numbers make one run take a millisecond or more.
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

/** The geometric mean of the slow-downs of all kernels that `rewrite` and its imports, in the namespace `host`, bring. */
export async function slowDown(
  rewrite: (bytes: Bytes) => Uint8Array,
  host: Readonly<Record<string, unknown>>,
): Promise<Figures> {
  let product = 1;
  for (const [name, size] of Object.entries(KERNELS)) {
    const bytes = await guest(`fuel/${name}`);
    const rewritten = new Uint8Array(rewrite(bytes));
    const times = compare(name, kernelOf(bytes, host), kernelOf(rewritten, host), size);
    console.error(`  ${name}: ${times.toFixed(3)}`);
    product *= times;
  }
  return { ours: product ** (1 / Object.keys(KERNELS).length), limit: 1 };
}

function compare(name: string, plain: Kernel, rewritten: Kernel, size: number): number {
  const [sum, expected] = [rewritten(size), plain(size)];
  if (sum !== expected) throw new Error(`${name} answers ${sum} when it is rewritten, and ${expected} plain`);
  for (const kernel of [plain, rewritten]) warmUp(kernel, size);
  const plainTimes: number[] = [];
  const rewrittenTimes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plainTimes.push(time(plain, size));
    rewrittenTimes.push(time(rewritten, size));
  }
  return median(rewrittenTimes) / median(plainTimes);
}

function kernelOf(bytes: Bytes, host: Readonly<Record<string, unknown>>): Kernel {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: host as WebAssembly.ModuleImports })
    .exports.run as Kernel;
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

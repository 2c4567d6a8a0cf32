// The kernel against a model that keeps every block as an array of its own.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newKernel, type WholeKernel } from '../../../test/kernel.ts';
import { WORD } from './kernel.ts';

const BYTES = 4 * 65_536;

interface Model {
  readonly blocks: Map<bigint, Uint8Array>;
  readonly freed: bigint[];
}

interface Step {
  check(model: Readonly<Model>): boolean;
  run(model: Model, kernel: WholeKernel): void;
}

// Picks a block by a number, so that a shrunk run still finds one.
const pick = ({ blocks }: Readonly<Model>, seed: number): [bigint, Uint8Array] => {
  const all = [...blocks];
  return all[seed % all.length]!;
};
const hasBlocks = ({ blocks }: Readonly<Model>): boolean => blocks.size > 0;
const always = (): boolean => true;
const step = (check: Step['check'], run: Step['run']): Step => ({ check, run });

const hostile = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: BigInt(BYTES) * 2n }),
  fc.constantFrom(
    0n,
    1n,
    63n,
    64n,
    79n,
    80n,
    2n ** 31n,
    2n ** 32n,
    2n ** 63n,
    2n ** 64n - 8n,
    2n ** 64n - 1n,
  ),
);

const alloc = fc.oneof(fc.nat(64), fc.nat(20_000)).map((length) =>
  step(always, (model, kernel) => {
    const handle = kernel.alloc(BigInt(length));
    if (length === 0) return expect(handle).toBe(0n);
    if (handle === 0n) {
      // Only when the blocks, with room for headers and padding, could fill it; freed ones may still be in the way.
      const used = [...model.blocks.values()].reduce((sum, { length }) => sum + length + 24, 0);
      expect(used + length + 24 + model.freed.length * 20_024).toBeGreaterThan(BYTES);
      return;
    }
    for (const [other, { length: otherLength }] of model.blocks) {
      expect(handle + BigInt(length) <= other || other + BigInt(otherLength) <= handle).toBe(true);
    }
    model.blocks.set(handle, new Uint8Array(length));
  }),
);
const free = fc.nat().map((seed) =>
  step(hasBlocks, (model, kernel) => {
    const [handle] = pick(model, seed);
    kernel.free(handle);
    model.blocks.delete(handle);
    model.freed.push(handle);
    expect(kernel.length(handle)).toBe(0n);
  }),
);
const storeByte = fc.tuple(fc.nat(), fc.nat(), fc.nat(255)).map(([seed, at, value]) =>
  step(hasBlocks, (model, kernel) => {
    const [handle, content] = pick(model, seed);
    content[at % content.length] = value;
    kernel.store_u8(handle + BigInt(at % content.length), value);
  }),
);
const storeWord = fc
  .tuple(fc.nat(), fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map(([seed, at, value]) =>
    step(hasBlocks, (model, kernel) => {
      const [handle, content] = pick(model, seed);
      if (content.length < 8) return;
      const offset = at % (content.length - 7);
      new DataView(content.buffer).setBigUint64(offset, value, true);
      kernel.store_u64(handle + BigInt(offset), value);
    }),
  );
const probe = hostile.map((at) =>
  step(always, ({ blocks }, kernel) => {
    const length = BigInt(blocks.get(at)?.length ?? 0);
    expect([kernel.length(at), kernel.length_unsafe(at)]).toEqual([length, length]);
    if (length === 0n) kernel.free(at);
    if (at < 64n || at >= BigInt(BYTES) * 2n) {
      kernel.store_u8(at, 0xff);
      kernel.store_u64(at, 2n ** 64n - 1n);
      expect([kernel.load_u8(at), kernel.load_u64(at)]).toEqual([0, 0n]);
    }
  }),
);
const begin = fc.constant(
  step(always, (model, kernel) => {
    kernel.begin(0);
    model.blocks.clear();
    model.freed.length = 0;
  }),
);

const steps = fc.array(
  fc.oneof(
    { arbitrary: alloc, weight: 6 },
    { arbitrary: free, weight: 4 },
    { arbitrary: storeByte, weight: 2 },
    { arbitrary: storeWord, weight: 2 },
    { arbitrary: probe, weight: 3 },
    { arbitrary: begin, weight: 1 },
  ),
  { maxLength: 60 },
);

describe('the kernel', () => {
  it('keeps every live block, its length and its content, through any sequence of calls', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { kernel, memory } = newKernel(BYTES);
        const model: Model = { blocks: new Map(), freed: [] };
        for (const each of sequence) {
          if (each.check(model)) each.run(model, kernel);
          for (const [handle, content] of model.blocks) {
            expect(kernel.length(handle)).toBe(BigInt(content.length));
            const actual = Buffer.from(memory.buffer, Number(handle), content.length);
            expect(actual.equals(content)).toBe(true);
          }
        }
        for (const [handle, content] of model.blocks) {
          expect(kernel.load_u8(handle)).toBe(content[0]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('makes a block exactly when all live ones together stay within the limit of their content', () => {
    // Each makes a block of so many bytes, or frees one, or begins anew.
    const act = fc.oneof(
      { arbitrary: fc.record({ make: fc.integer({ min: 1, max: 20_000 }) }), weight: 6 },
      { arbitrary: fc.record({ free: fc.nat() }), weight: 4 },
      { arbitrary: fc.constant({ begin: true }), weight: 1 },
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 60_000 }), (acts, limit) => {
        // Room for all of them, wherever freed ones are in the way.
        const { kernel, memory, word } = newKernel(60 * 20_100);
        new Int32Array(memory.buffer)[WORD.contentLimit] = limit;
        const live: [handle: bigint, length: number][] = [];
        const content = (): number => live.reduce((sum, [, length]) => sum + length, 0);
        for (const each of acts) {
          if ('begin' in each) {
            kernel.begin(0);
            live.length = 0;
          } else if ('free' in each) {
            const [[handle] = [0n]] = live.splice(each.free % Math.max(live.length, 1), 1);
            kernel.free(handle);
          } else {
            const wanted = content() + each.make;
            const handle = kernel.alloc(BigInt(each.make));
            expect(handle !== 0n).toBe(wanted <= limit);
            if (handle === 0n) expect(word(WORD.refused)).toBe(wanted);
            else live.push([handle, each.make]);
          }
          expect(word(WORD.content)).toBe(content());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never lets a guest that writes anywhere lead its host outside of the arena', () => {
    const write = fc.tuple(
      fc.bigInt({ min: 64n, max: 1_024n }),
      fc.oneof(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        // Likely headers: the tag of a block that could be there, and a length.
        fc
          .tuple(fc.integer({ min: 8, max: 128 }), fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }))
          .map(([block, length]) => BigInt(((block * 8) ^ 0x5eedb10c) >>> 0) | (length << 32n)),
      ),
    );
    const act = fc.oneof(
      write.map(
        ([at, value]) =>
          (kernel: WholeKernel) =>
            kernel.store_u64(at & ~7n, value),
      ),
      fc.nat(100).map((length) => (kernel: WholeKernel) => void kernel.alloc(BigInt(length))),
      fc.bigInt({ min: 0n, max: 1_100n }).map((at) => (kernel: WholeKernel) => kernel.free(at & ~7n)),
      fc.bigInt({ min: 0n, max: 1_100n }).map((at) => (kernel: WholeKernel) => kernel.error_set(at & ~7n)),
      fc.tuple(hostile, hostile).map(
        ([at, length]) =>
          (kernel: WholeKernel) =>
            kernel.output_set(at, length),
      ),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { kernel, memory, word } = newKernel(BYTES);
        for (const each of acts) {
          each(kernel);
          const [top, last, end] = [word(0), word(1), memory.buffer.byteLength];
          expect(top).toBeGreaterThanOrEqual(64);
          expect(top).toBeLessThanOrEqual(end);
          expect(last).toBeLessThan(Math.max(top, 1));
          for (let at = 0; at < 1_200; at += 8)
            expect(at + kernel.length_of(BigInt(at))).toBeLessThanOrEqual(Math.max(top, at));
          for (const [start, length] of [
            [WORD.output, WORD.outputLength],
            [WORD.error, WORD.errorLength],
          ] as const) {
            expect(word(start)).toBeGreaterThanOrEqual(0);
            expect(word(length)).toBeGreaterThanOrEqual(0);
            expect(word(start) + word(length)).toBeLessThanOrEqual(end);
          }
        }
        expect(word(WORD.limit)).toBe(BYTES + 64);
      }),
      { numRuns: 500 },
    );
  });
});

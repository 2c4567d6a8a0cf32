import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { newKernel, type WholeKernel } from '../../../test/kernel.ts';
import { KERNEL_BASE64, KERNEL_WAT_SHA256, SHARED_KERNEL_BASE64 } from './kernel.generated.ts';
import { KERNEL_NAMES, WORD } from './kernel.ts';

const PAGE = 65_536;
const SOURCE = readFileSync(new URL('kernel.wat', import.meta.url), 'utf8');

describe('the kernel', () => {
  it('is what its WAT says; if not, run scripts/build-kernel.mjs', async () => {
    expect(createHash('sha256').update(SOURCE).digest('hex')).toBe(KERNEL_WAT_SHA256);
    expect(Buffer.from(await wat(SOURCE)).toString('base64')).toBe(KERNEL_BASE64);
    const shared = SOURCE.replace('(memory 1)', '(memory 1 32768 shared)');
    expect(Buffer.from(await wat(shared)).toString('base64')).toBe(SHARED_KERNEL_BASE64);
  });

  it('answers every name that it is said to', () => {
    const { kernel } = newKernel(PAGE);
    for (const name of KERNEL_NAMES) expect(kernel[name as keyof WholeKernel]).toBeTypeOf('function');
  });
});

describe('alloc', () => {
  it('of nothing is null', () => {
    expect(newKernel(PAGE).kernel.alloc(0n)).toBe(0n);
  });

  it('gives blocks of exactly the length asked for, at small offsets that do not overlap', () => {
    const { kernel } = newKernel(PAGE);
    expect([kernel.alloc(1n), kernel.alloc(8n), kernel.alloc(9n), kernel.alloc(1n)]).toEqual([
      80n,
      104n,
      128n,
      160n,
    ]);
    expect([80n, 104n, 128n, 160n].map((handle) => kernel.length(handle))).toEqual([1n, 8n, 9n, 1n]);
  });

  it.each([1, 7, 8, 127, 128, 129, 5_000])('zeroes %i bytes that hold what came before', (length) => {
    const { kernel, memory } = newKernel(PAGE);
    new Uint8Array(memory.buffer, 64).fill(0xff);
    const block = Number(kernel.alloc(BigInt(length)));
    expect(new Uint8Array(memory.buffer, block, length).every((byte) => byte === 0)).toBe(true);
  });

  it('fills the memory to its limit, and answers null beyond it', () => {
    const { kernel } = newKernel(3 * PAGE);
    expect(kernel.alloc(BigInt(3 * PAGE - 15))).toBe(0n);
    expect(kernel.alloc(BigInt(3 * PAGE - 16))).toBe(80n);
    expect(kernel.length(80n)).toBe(BigInt(3 * PAGE - 16));
    expect(kernel.alloc(1n)).toBe(0n);
    kernel.begin(0);
    expect(kernel.alloc(1n)).toBe(80n);
  });

  it('answers null when the memory cannot grow, whatever the limit says', () => {
    const { kernel, memory } = newKernel(PAGE / 2);
    new Int32Array(memory.buffer)[WORD.limit] = 10 * PAGE;
    expect(kernel.alloc(BigInt(PAGE))).toBe(0n);
    expect(kernel.alloc(BigInt(PAGE - 80))).toBe(80n);
  });

  it.each([2n ** 31n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n - 1n])(
    'answers null for %d bytes',
    (length) => {
      expect(newKernel(PAGE).kernel.alloc(length)).toBe(0n);
    },
  );

  it('grows the memory by a quarter for many small blocks', () => {
    const { kernel, memory } = newKernel(1_000 * PAGE);
    for (let block = 0; block < 20_000; block++) expect(kernel.alloc(1_000n)).not.toBe(0n);
    expect(memory.buffer.byteLength / PAGE).toBeLessThan((20_000 * 1_024 * 1.3) / PAGE);
  });
});

describe('free', () => {
  it('of null, of what is no block and of a block that is free already does nothing', () => {
    const { kernel } = newKernel(PAGE);
    const block = kernel.alloc(8n);
    for (const handle of [0n, 1n, 79n, block + 8n, block + 1n, 5_000n, 2n ** 32n + block, 2n ** 64n - 1n]) {
      kernel.free(handle);
    }
    expect(kernel.length(block)).toBe(8n);
    kernel.free(block);
    kernel.free(block);
    expect(kernel.length(block)).toBe(0n);
    expect(kernel.alloc(8n)).toBe(block);
  });

  it("makes the last block's space usable again, and that of free blocks below it", () => {
    const { kernel } = newKernel(PAGE);
    const [a, b, c] = [kernel.alloc(8n), kernel.alloc(8n), kernel.alloc(8n)];
    kernel.free(b);
    expect(kernel.alloc(8n)).toBe(c + 24n);
    kernel.free(c + 24n);
    kernel.free(c);
    expect(kernel.alloc(8n)).toBe(b);
    expect(kernel.length(a)).toBe(8n);
    kernel.free(b);
    kernel.free(a);
    expect(kernel.alloc(1n)).toBe(a);
  });

  it('keeps the content until the space is used again', () => {
    const { kernel } = newKernel(PAGE);
    const block = kernel.alloc(8n);
    kernel.store_u64(block, 42n);
    kernel.free(block);
    expect(kernel.load_u64(block)).toBe(42n);
  });

  it('of the input leaves an input of no length', () => {
    const { kernel } = newKernel(PAGE);
    expect(kernel.begin(5)).toBe(80);
    kernel.alloc(1n);
    kernel.free(80n);
    expect([kernel.input_offset(), kernel.input_length(), kernel.input_load_u8(0n)]).toEqual([80n, 0n, 0]);
  });
});

describe('length and length_unsafe', () => {
  it('know exact starts of live blocks, and nothing else', () => {
    const { kernel } = newKernel(PAGE);
    const block = kernel.alloc(24n);
    for (const length of [kernel.length, kernel.length_unsafe]) {
      expect(length(block)).toBe(24n);
      for (const handle of [
        0n,
        16n,
        64n,
        block - 8n,
        block + 1n,
        block + 8n,
        block + 24n,
        2n ** 32n + block,
        2n ** 64n - 1n,
      ]) {
        expect(length(handle)).toBe(0n);
      }
    }
    expect(kernel.length_of(block)).toBe(24);
  });

  it('do not believe a forged header beyond the used part of the arena', () => {
    const { kernel, word } = newKernel(PAGE);
    const block = kernel.alloc(32n);
    const forged = Number(block) + 16;
    const forge = (length: bigint): void =>
      kernel.store_u64(BigInt(forged - 8), BigInt((forged ^ 0x5eedb10c) >>> 0) | (length << 32n));
    forge(16n);
    expect(kernel.length(BigInt(forged))).toBe(16n);
    forge(17n);
    expect(kernel.length(BigInt(forged))).toBe(0n);
    forge(0xffff_ffffn);
    expect(kernel.length(BigInt(forged))).toBe(0n);
    expect(word(0)).toBe(Number(block) + 32);
  });

  it('survive a forged chain of blocks, which ends the giving back of space', () => {
    const { kernel, word } = newKernel(PAGE);
    for (const below of [0xffff_ffffn, 81n, 8n, 5_000n, 104n]) {
      kernel.begin(0);
      kernel.alloc(8n);
      const last = kernel.alloc(8n);
      kernel.store_u64(last - 16n, below);
      kernel.free(last);
      expect([word(0), word(1)]).toEqual([Number(last) - 16, 0]);
      expect(kernel.alloc(8n)).toBe(last);
    }
  });
});

describe('load and store', () => {
  it('reach every byte of the arena and the memory behind it', () => {
    const { kernel } = newKernel(PAGE);
    for (const at of [64n, 101n, BigInt(PAGE) - 8n]) {
      kernel.store_u64(at, 0x1122334455667788n);
      expect(kernel.load_u64(at)).toBe(0x1122334455667788n);
    }
    kernel.store_u8(65n, 0x1ff);
    expect([kernel.load_u8(65n), kernel.load_u8(64n), kernel.load_u64(64n)]).toEqual([
      0xff,
      0x88,
      0x112233445566ff88n,
    ]);
  });

  const END = BigInt(PAGE);
  it.each([
    0n,
    8n,
    63n,
    END,
    END + 1n,
    2n ** 32n,
    2n ** 32n + 64n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n - 64n,
  ])('ignore %d and answer 0', (at) => {
    const { kernel, memory } = newKernel(PAGE / 2);
    const before = Buffer.from(memory.buffer.slice(0));
    kernel.store_u8(at, 1);
    kernel.store_u64(at, 2n ** 64n - 1n);
    expect([kernel.load_u8(at), kernel.load_u64(at)]).toEqual([0, 0n]);
    expect(Buffer.from(memory.buffer).equals(before)).toBe(true);
  });

  it('take no part of 8 bytes that are only partly there', () => {
    const { kernel } = newKernel(PAGE / 2);
    for (let left = 1n; left < 8n; left++) {
      kernel.store_u64(END - left, 2n ** 64n - 1n);
      expect(kernel.load_u64(END - left)).toBe(0n);
    }
    expect(kernel.load_u64(END - 8n)).toBe(0n);
    kernel.store_u64(57n, 2n ** 64n - 1n);
    expect(kernel.load_u8(64n)).toBe(0);
    kernel.store_u8(END - 1n, 7);
    expect(kernel.load_u8(END - 1n)).toBe(7);
  });
});

describe('input', () => {
  it('is null when it is empty', () => {
    const { kernel } = newKernel(PAGE);
    expect([kernel.begin(0), kernel.input_offset(), kernel.input_length(), kernel.input_load_u8(0n)]).toEqual(
      [0, 0n, 0n, 0],
    );
  });

  it('is a block that can be read from its start', () => {
    const { kernel, memory } = newKernel(PAGE);
    const start = kernel.begin(11);
    new Uint8Array(memory.buffer).set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], start);
    expect([kernel.input_offset(), kernel.input_length(), kernel.length(80n)]).toEqual([80n, 11n, 11n]);
    expect([kernel.input_load_u8(0n), kernel.input_load_u8(10n), kernel.input_load_u8(11n)]).toEqual([
      1, 11, 0,
    ]);
    expect(kernel.input_load_u64(0n)).toBe(0x0807060504030201n);
    expect(kernel.input_load_u64(3n)).toBe(0x0b0a090807060504n);
  });

  it('answers 0 for 8 bytes that reach past its end, and for offsets whose sum wraps', () => {
    const { kernel, memory } = newKernel(PAGE);
    new Uint8Array(memory.buffer).fill(0xff, kernel.begin(11));
    for (const at of [4n, 10n, 11n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 8n, 2n ** 64n - 1n]) {
      expect(kernel.input_load_u64(at)).toBe(0n);
    }
    for (const at of [11n, 2n ** 32n, 2n ** 64n - 1n]) expect(kernel.input_load_u8(at)).toBe(0);
  });

  it('that does not fit is refused, and leaves none', () => {
    const { kernel } = newKernel(PAGE);
    expect(kernel.begin(PAGE)).toBe(0);
    expect([kernel.input_offset(), kernel.input_length()]).toEqual([0n, 0n]);
  });
});

describe('output', () => {
  const outputOf = (set: (kernel: WholeKernel) => void): [number, number] => {
    const { kernel, word } = newKernel(PAGE / 2);
    set(kernel);
    return [word(WORD.output), word(WORD.outputLength)];
  };

  it('is exactly the bytes named, whether a block starts there or not', () => {
    expect(outputOf((kernel) => kernel.output_set(kernel.alloc(16n) + 1n, 2n))).toEqual([81, 2]);
    expect(outputOf((kernel) => kernel.output_set(64n, BigInt(PAGE - 64)))).toEqual([64, PAGE - 64]);
    expect(outputOf((kernel) => kernel.output_set(BigInt(PAGE), 0n))).toEqual([PAGE, 0]);
  });

  it.each([
    [0n, 0n],
    [0n, 5n],
    [63n, 1n],
    [80n, BigInt(PAGE) - 79n],
    [BigInt(PAGE), 1n],
    [BigInt(PAGE) + 1n, 0n],
    [80n, 2n ** 32n],
    [80n, 2n ** 64n - 1n],
    [80n, 2n ** 64n - 80n],
    [2n ** 64n - 1n, 2n],
    [2n ** 32n + 80n, 1n],
  ])('stays as it was when %d, %d are out of bounds', (at, length) => {
    const set = (kernel: WholeKernel): void => {
      kernel.output_set(80n, 5n);
      kernel.output_set(at, length);
    };
    expect(outputOf(set)).toEqual([80, 5]);
  });
});

describe('error', () => {
  it('is the handle that was set, with the length that it had then', () => {
    const { kernel, word } = newKernel(PAGE);
    const block = kernel.alloc(5n);
    kernel.error_set(block);
    expect([kernel.error_get(), word(WORD.errorLength)]).toEqual([block, 5]);
    kernel.free(block);
    expect([kernel.error_get(), word(WORD.error), word(WORD.errorLength)]).toEqual([block, Number(block), 5]);
    kernel.error_set(0n);
    expect([kernel.error_get(), word(WORD.errorLength)]).toEqual([0n, 0]);
  });

  it('has no length when it is no block, and is not set out of bounds', () => {
    const { kernel, word } = newKernel(PAGE / 2);
    const block = kernel.alloc(5n);
    kernel.error_set(block);
    for (const at of [1n, 63n, BigInt(PAGE), 2n ** 32n + block, 2n ** 64n - 1n]) {
      kernel.error_set(at);
      expect(kernel.error_get()).toBe(block);
    }
    kernel.error_set(block + 1n);
    expect([kernel.error_get(), word(WORD.errorLength)]).toEqual([block + 1n, 0]);
  });
});

describe('begin', () => {
  it('forgets blocks, input, output and error', () => {
    const { kernel, word } = newKernel(PAGE);
    kernel.begin(3);
    const block = kernel.alloc(8n);
    kernel.output_set(block, 8n);
    kernel.error_set(block);
    kernel.begin(0);
    expect([kernel.length(block), kernel.error_get(), kernel.input_length()]).toEqual([0n, 0n, 0n]);
    expect([WORD.output, WORD.outputLength, WORD.error, WORD.errorLength].map(word)).toEqual([0, 0, 0, 0]);
    expect(kernel.alloc(8n)).toBe(80n);
  });
});

describe('what the host answers', () => {
  it('is asked with offset and length: 0 for null, -1 for what is no block', () => {
    const asked: number[][] = [];
    const note = (...values: number[]): number => asked.push(values) * 0;
    const { kernel } = newKernel(PAGE, {
      config_get: note,
      var_get: note,
      var_set: note,
      log: note,
      http_request: note,
    });
    const [a, b] = [kernel.alloc(3n), kernel.alloc(4n)];
    kernel.config_get(0n);
    kernel.var_get(a + 1n);
    kernel.var_set(a, b);
    kernel.log_trace(2n ** 64n - 1n);
    kernel.log_error(0n);
    kernel.http_request(a, 0n);
    expect(asked).toEqual([
      [0, 0],
      [Number(a) + 1, -1],
      [Number(a), 3, Number(b), 4],
      [0, -1, -1],
      [4, 0, 0],
      [Number(a), 3, 0, 0],
    ]);
  });

  it('takes the blocks handed over, but neither the key of a variable nor the input', () => {
    const { kernel } = newKernel(PAGE, { config_get: () => 4_096 });
    kernel.begin(5);
    const live = (use: (handle: bigint) => void): boolean => {
      const block = kernel.alloc(3n);
      kernel.alloc(1n);
      use(block);
      return kernel.length(block) > 0n;
    };
    expect(live((block) => expect(kernel.config_get(block)).toBe(4_096n))).toBe(false);
    expect(live((block) => kernel.var_get(block))).toBe(false);
    expect(live((block) => kernel.log_error(block))).toBe(false);
    expect(live((block) => kernel.http_request(block, 0n))).toBe(false);
    expect(live((block) => kernel.http_request(0n, block))).toBe(false);
    expect(live((block) => kernel.var_set(0n, block))).toBe(false);
    expect(live((block) => kernel.var_set(block, 0n))).toBe(true);
    kernel.log_error(kernel.input_offset());
    expect(kernel.input_length()).toBe(5n);
  });
});

import { type Limits, resolveLimits } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelOn, type WholeKernel } from '../../../test/kernel.ts';
import { failureOf } from '../../../test/open.ts';
import { Exchange } from './exchange.ts';

const MIB = 1024 * 1024;
function newExchange(limits: Partial<Limits> = {}): { exchange: Exchange; kernel: WholeKernel } {
  const exchange = new Exchange(resolveLimits(limits));
  const kernel = kernelOn(exchange.memory);
  exchange.bind(kernel);
  return { exchange, kernel };
}

// What a guest that hands its input back would answer.
function echo(
  { exchange, kernel }: ReturnType<typeof newExchange>,
  input: Uint8Array | string | undefined,
): Buffer {
  exchange.begin(input);
  kernel.output_set(kernel.input_offset(), kernel.input_length());
  return Buffer.from(exchange.output());
}

describe('input', () => {
  const whole = newExchange();

  it.each([
    ['none', undefined],
    ['empty text', ''],
    ['no bytes', new Uint8Array(0)],
  ])('of %s is null', (_, input) => {
    whole.exchange.begin(input);
    expect([whole.kernel.input_offset(), whole.kernel.input_length()]).toEqual([0n, 0n]);
    expect(whole.exchange.output()).toEqual(new Uint8Array(0));
  });

  it.each([
    ['short ASCII', 'hello world'],
    ['64 characters', 'x'.repeat(64)],
    ['65 characters', 'x'.repeat(65)],
    ['a short text beyond ASCII', 'grüße €𝄞'],
    ['a long text beyond ASCII', 'grüße €𝄞'.repeat(1_000)],
    ['text that is no well-formed Unicode', 'a\ud800b'],
    ['more than the memory has room for at its start', 'é'.repeat(MIB)],
  ])('of %s is its UTF-8', (_, text) => {
    expect(echo(whole, text).equals(Buffer.from(text))).toBe(true);
  });

  it('of bytes is exactly those of a view', () => {
    const view = Uint8Array.from({ length: 300 }, (_, index) => index).subarray(100, 250);
    expect(echo(whole, view).equals(Buffer.from(view))).toBe(true);
  });

  it('is anything, and comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 })),
        (input) => {
          expect(echo(whole, input).equals(Buffer.from(input))).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['ASCII', 'x'.repeat(11)],
    ['ü', 'üüüüüx'],
    ['bytes', new Uint8Array(11)],
  ])('beyond inputBytes is refused: %s', async (_, input) => {
    const { exchange } = newExchange({ inputBytes: 10 });
    const error = await failureOf(() => exchange.begin(input));
    expect([error.code, error.message]).toEqual(['limit', 'the input has 11 bytes; inputBytes is 10']);
    exchange.begin('x'.repeat(10));
    exchange.begin('üüüüü');
  });

  it('beyond the exchange memory is refused', async () => {
    const { exchange } = newExchange({ exchangeBytes: 100 });
    exchange.begin(new Uint8Array(84));
    for (const input of [new Uint8Array(97), 'x'.repeat(97)]) {
      const error = await failureOf(() => exchange.begin(input));
      expect([error.code, error.message]).toEqual([
        'limit',
        'the exchange memory has no room for 97 bytes; exchangeBytes is 100',
      ]);
    }
  });
});

describe('output', () => {
  it('belongs to the caller', () => {
    const whole = newExchange();
    const first = echo(whole, 'first');
    echo(whole, 'other');
    expect(first.toString()).toBe('first');
  });

  it('beyond outputBytes is refused', async () => {
    const { exchange, kernel } = newExchange({ outputBytes: 10 });
    exchange.begin(undefined);
    kernel.output_set(64n, 11n);
    const error = await failureOf(() => exchange.output());
    expect([error.code, error.message]).toEqual(['limit', 'the output has 11 bytes; outputBytes is 10']);
    kernel.output_set(64n, 10n);
    expect(exchange.output()).toHaveLength(10);
  });

  it('is read after the memory grew while the guest ran', () => {
    const { exchange, kernel } = newExchange();
    exchange.begin('start');
    const block = kernel.alloc(BigInt(3 * MIB));
    kernel.store_u8(block + BigInt(3 * MIB - 1), 42);
    kernel.output_set(block + BigInt(3 * MIB - 2), 2n);
    expect([...exchange.output()]).toEqual([0, 42]);
    expect(exchange.live.length).toBeGreaterThan(3 * MIB);
  });
});

describe('blocks', () => {
  it('are stored, measured, read and copied by handle', () => {
    const { exchange } = newExchange();
    exchange.begin(undefined);
    const handle = BigInt(exchange.store('grüße'));
    expect(exchange.lengthOf(handle)).toBe(7);
    expect(Buffer.from(exchange.read(handle)!).toString()).toBe('grüße');
    expect([exchange.store(''), exchange.store(new Uint8Array(0)), exchange.alloc(0)]).toEqual([0, 0, 0n]);
    const zeroed = exchange.alloc(3);
    expect([...exchange.read(zeroed)!]).toEqual([0, 0, 0]);
  });

  it('have the length that the kernel says, whatever the guest wrote over their headers', () => {
    const writes = fc.array(
      fc.tuple(fc.integer({ min: 64, max: 400 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), writes, (lengths, stores) => {
        const { exchange, kernel } = newExchange({ exchangeBytes: 1_000 });
        exchange.begin('input');
        for (const length of lengths) exchange.alloc(length);
        for (const [at, value] of stores) kernel.store_u64(BigInt(at), value);
        for (let handle = 0n; handle < 1_100n; handle++)
          expect(exchange.lengthOf(handle)).toBe(kernel.length_of(handle));
      }),
      { numRuns: 50 },
    );
  });

  it.each([0n, 1n, 81n, 2n ** 32n + 80n, 2n ** 64n - 1n, -1n])('are not found at %d', (handle) => {
    const { exchange } = newExchange();
    exchange.begin('input');
    expect([exchange.lengthOf(handle), exchange.read(handle)]).toEqual([0, undefined]);
  });

  it('that do not fit are refused', async () => {
    const { exchange } = newExchange({ exchangeBytes: 1_000 });
    exchange.begin(undefined);
    for (const act of [
      () => exchange.alloc(1_001),
      () => exchange.store('x'.repeat(985)),
      () => exchange.store(new Uint8Array(2_000)),
    ]) {
      expect((await failureOf(act)).code).toBe('limit');
    }
    expect(exchange.store(new Uint8Array(984))).toBe(80);
  });
});

describe('content of more bytes than 32 bits count', () => {
  // Nothing reads it, so it need not be there.
  const huge = (length: number): Uint8Array => ({ length }) as Uint8Array;

  it.each([2 ** 31, 2 ** 32 - 100, 2 ** 32 + 100])(
    'is refused like any that does not fit: %i',
    async (length) => {
      const { exchange } = newExchange({ inputBytes: 2 ** 40 });
      exchange.begin(undefined);
      for (const act of [() => exchange.begin(huge(length)), () => exchange.store(huge(length))]) {
        expect((await failureOf(act)).message).toBe(
          `the exchange memory has no room for ${length} bytes; exchangeBytes is 67108864`,
        );
      }
    },
  );
});

describe('the error', () => {
  it('is set, read and cleared', () => {
    const { exchange, kernel } = newExchange();
    exchange.begin(undefined);
    expect([exchange.failed, exchange.error()]).toEqual([false, undefined]);
    exchange.setError('grüße');
    expect([exchange.failed, exchange.error()]).toEqual([true, 'grüße']);
    kernel.free(kernel.error_get());
    expect(exchange.error()).toBe('grüße');
    exchange.setError(undefined);
    expect([exchange.failed, exchange.error()]).toEqual([false, undefined]);
  });

  it('that is not UTF-8 is an error still', () => {
    const { exchange, kernel } = newExchange();
    exchange.begin(undefined);
    const block = kernel.alloc(2n);
    kernel.store_u8(block, 0xff);
    kernel.store_u8(block + 1n, 0x41);
    kernel.error_set(block);
    expect(exchange.error()).toBe('\ufffdA');
  });
});

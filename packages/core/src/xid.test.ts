import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import { xidSource } from './xid.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, randomBytes: vi.fn(crypto.randomBytes) };
});

function clockAt(seconds: number): Clock {
  return { ...systemClock, now: () => seconds * 1000 };
}

/** A source whose five bytes of this process and whose first counter are known. */
function sourceOf(seconds: number, processHex: string, counter: number): () => string {
  const before = Buffer.alloc(3);
  before.writeUIntBE((counter + 0xffffff) % 0x1000000, 0, 3);
  vi.mocked(randomBytes)
    .mockImplementationOnce(() => Buffer.from(processHex, 'hex'))
    .mockImplementationOnce(() => before);
  return xidSource(clockAt(seconds));
}

/** The bytes behind an xid, decoded the slow way: as one number in base 32. */
function bytesOfXid(text: string): string {
  let value = 0n;
  for (const digit of text) value = value * 32n + BigInt(Number.parseInt(digit, 32));
  // 20 digits are 100 bits, of which the last four are padding.
  expect(value & 15n).toBe(0n);
  return (value >> 4n).toString(16).padStart(24, '0');
}

describe('xidSource', () => {
  it.each([
    // The example of https://github.com/rs/xid.
    [0x4d88e15b, '60f486e428', 0x412dc9, '9m4e2mr0ui3e8a215n4g'],
    [0, '0000000000', 0, '00000000000000000000'],
    [0xffffffff, 'ffffffffff', 0xffffff, 'vvvvvvvvvvvvvvvvvvvg'],
    [0, '0000000000', 1, '0000000000000000000g'],
  ])('writes second %i, process %s and counter %i as %s', (seconds, process, counter, text) => {
    expect(sourceOf(seconds, process, counter)()).toBe(text);
  });

  it('writes 96 bits in base 32 hex, whatever they are', () => {
    const parts = [
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.uint8Array({ minLength: 5, maxLength: 5 }),
      fc.nat(0xffffff),
    ] as const;
    fc.assert(
      fc.property(...parts, (seconds, process, counter) => {
        const hex = Buffer.from(process).toString('hex');
        const text = sourceOf(seconds, hex, counter)();

        expect(text).toMatch(/^[0-9a-v]{19}[0g]$/);
        expect(bytesOfXid(text)).toBe(
          seconds.toString(16).padStart(8, '0') + hex + counter.toString(16).padStart(6, '0'),
        );
      }),
    );
  });

  it('counts on from one id to the next, and from the last counter to zero', () => {
    const next = sourceOf(0, '0000000000', 0xfffffe);

    expect([next(), next(), next(), next()].map((text) => bytesOfXid(text).slice(-6))).toEqual([
      'fffffe',
      'ffffff',
      '000000',
      '000001',
    ]);
  });

  it('makes 100,000 different ids of 20 characters within one second', () => {
    const next = xidSource(clockAt(1_700_000_000));
    const ids = Array.from({ length: 100_000 }, next);

    expect(new Set(ids).size).toBe(100_000);
    expect(new Set(ids.map((id) => id.length))).toEqual(new Set([20]));
  });

  it('differs from every other source', () => {
    const ids = Array.from({ length: 1_000 }, () => xidSource(clockAt(1_700_000_000))().slice(7, 14));

    expect(new Set(ids).size).toBe(1_000);
  });

  it('makes ids that sort by the second they were made in', () => {
    const second = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(second, second, (one, other) => {
        fc.pre(one < other);
        expect(xidSource(clockAt(one))() < xidSource(clockAt(other))()).toBe(true);
      }),
    );
  });
});

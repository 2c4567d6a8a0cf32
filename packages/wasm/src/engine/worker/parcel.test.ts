import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG, SHARED_BYTES, SharedLayout, SLOT, SLOT_DATA_BYTES, SLOTS } from './layout.ts';
import { OWN_BYTES, type Part, readParcel, type Spill, writeParcel } from './parcel.ts';

const LENGTH_BYTES = 4;
const shared = new SharedLayout(new SharedArrayBuffer(SHARED_BYTES));

// What the other side gets of these parts, and whether it came as a message.
function through(parts: readonly Part[], slot = 0): { parts: readonly Uint8Array[]; spilled: boolean } {
  const messages: Spill[] = [];
  writeParcel(shared, slot, FLAG.mail, parts, (message) => messages.push(message));
  const flags = shared.get(slot, SLOT.flags);
  const [message] = messages;
  expect(flags).toBe(FLAG.mail | (message === undefined ? 0 : FLAG.spilled));
  return { parts: message?.parts ?? readParcel(shared, slot, OWN_BYTES), spilled: message !== undefined };
}

const bytesOf = (part: Part): Uint8Array => new Uint8Array(Buffer.from(part as string));

describe('a parcel', () => {
  it('brings all parts, bytes and text, whether they have room in the slot or not', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 2 * SLOT_DATA_BYTES }),
      fc.string({ unit: 'grapheme', maxLength: 3_000 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.nat(SLOTS - 1), (parts, slot) => {
        expect(through(parts, slot).parts).toEqual(parts.map(bytesOf));
      }),
      { numRuns: 300 },
    );
  });

  it('uses a slot up to its last byte', () => {
    const most = SLOT_DATA_BYTES - 2 * LENGTH_BYTES;
    const [fits, spills] = [new Uint8Array(most).fill(7), new Uint8Array(most + 1).fill(7)];
    expect(through([fits], SLOTS - 1)).toEqual({ parts: [fits], spilled: false });
    expect(through([spills], SLOTS - 1)).toEqual({ parts: [spills], spilled: true });
  });

  it('leaves the slots beside it alone', () => {
    through([new Uint8Array(SLOT_DATA_BYTES - 2 * LENGTH_BYTES).fill(1)], 4);
    through(['left'], 3);
    through(['right'], 5);
    expect(readParcel(shared, 4, OWN_BYTES)).toEqual([
      new Uint8Array(SLOT_DATA_BYTES - 2 * LENGTH_BYTES).fill(1),
    ]);
  });

  it('gives copies away, of a part of something larger too', () => {
    const whole = new Uint8Array(3 * SLOT_DATA_BYTES).fill(9);
    const part = whole.subarray(SLOT_DATA_BYTES, 2 * SLOT_DATA_BYTES);
    const { parts } = through([part]);
    whole.fill(0);
    expect(parts[0]?.buffer.byteLength).toBe(SLOT_DATA_BYTES);
    expect(parts[0]?.every((byte) => byte === 9)).toBe(true);
  });
});

describe('the fuel of a slot', () => {
  it('is any number of units that a call can take, or none that were counted', () => {
    fc.assert(
      fc.property(fc.option(fc.integer({ min: 0, max: 2 ** 50 }), { nil: undefined }), (fuel) => {
        shared.setFuel(1, fuel);
        expect(shared.fuel(1)).toBe(fuel);
      }),
    );
  });
});

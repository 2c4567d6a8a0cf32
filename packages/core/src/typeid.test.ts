import { randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import { newTypeId, parseTypeId, typeIdTime } from './typeid.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, randomFillSync: vi.fn(crypto.randomFillSync) };
});

const LAST_TIME = 2 ** 48 - 1;
const times = fc.integer({ min: 0, max: LAST_TIME });
const prefixes = fc.stringMatching(/^[a-z]([a-z_]{0,61}[a-z])?$/);

function clockAt(milliseconds: number): Clock {
  return { ...systemClock, now: () => milliseconds };
}

describe('newTypeId', () => {
  it('encodes the UUIDv7 of the specification as the specification does', () => {
    const uuid = Buffer.from('01890a5dac96774bbcceb302099a8057', 'hex');
    vi.mocked(randomFillSync).mockImplementationOnce((bytes) => {
      (bytes as Uint8Array).set(uuid);
      return bytes;
    });

    expect(newTypeId('prefix', clockAt(0x01890a5dac96))).toBe('prefix_01h455vb4pex5vsknk084sn02q');
  });

  it('writes version 7 and the RFC variant whatever the random bits say', () => {
    vi.mocked(randomFillSync).mockImplementationOnce((bytes) => {
      (bytes as Uint8Array).fill(0xff);
      return bytes;
    });

    // ffffffff-ffff-7fff-bfff-ffffffffffff
    expect(newTypeId('app', clockAt(LAST_TIME))).toBe('app_7zzzzzzzzzfzzvzzzzzzzzzzzz');
  });

  it('makes ids that parse and give their time back', () => {
    fc.assert(
      fc.property(prefixes, times, (prefix, time) => {
        const id = newTypeId(prefix, clockAt(time));

        expect(id).toHaveLength(prefix.length + 27);
        expect(parseTypeId(prefix, id)).toBe(id);
        expect(typeIdTime(prefix, id)).toBe(time);
      }),
    );
  });

  it('drops fractions of a millisecond', () => {
    expect(typeIdTime('app', newTypeId('app', clockAt(1_700_000_000_000.9)))).toBe(1_700_000_000_000);
  });

  it('makes ids that sort by time', () => {
    fc.assert(
      fc.property(times, times, (one, other) => {
        fc.pre(one < other);
        expect(newTypeId('app', clockAt(one)) < newTypeId('app', clockAt(other))).toBe(true);
      }),
    );
  });

  it('makes different ids within one millisecond', () => {
    const clock = clockAt(1_700_000_000_000);
    const ids = new Set(Array.from({ length: 10_000 }, () => newTypeId('app', clock)));

    expect(ids.size).toBe(10_000);
  });
});

describe('parseTypeId', () => {
  it.each([
    ['prefix', 'prefix_00000000000000000000000000'],
    ['prefix', 'prefix_00000000000000000000000001'],
    ['prefix', 'prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['prefix', 'prefix_0123456789abcdefghjkmnpqrs'],
    ['prefix', 'prefix_01h455vb4pex5vsknk084sn02q'],
    ['pre_fix', 'pre_fix_00000000000000000000000000'],
    ['a', 'a_00000000000000000000000000'],
    ['a'.repeat(63), `${'a'.repeat(63)}_00000000000000000000000000`],
  ])('accepts the valid ids of the specification: %s, %s', (prefix, text) => {
    expect(parseTypeId(prefix, text)).toBe(text);
  });

  it.each([
    ['PREFIX', 'PREFIX_00000000000000000000000000'],
    ['12345', '12345_00000000000000000000000000'],
    ['pre.fix', 'pre.fix_00000000000000000000000000'],
    ['préfix', 'préfix_00000000000000000000000000'],
    ['  prefix', '  prefix_00000000000000000000000000'],
    ['a'.repeat(64), `${'a'.repeat(64)}_00000000000000000000000000`],
    ['', '_00000000000000000000000000'],
    ['', '00000000000000000000000000'],
    ['', '_'],
    ['', ''],
    ['prefix', 'prefix_1234567890123456789012345'],
    ['prefix', 'prefix_123456789012345678901234567'],
    ['prefix', 'prefix_1234567890123456789012345 '],
    ['prefix', 'prefix_0123456789abcdefghjkmnpqrs\n'],
    ['prefix', 'prefix_0123456789ABCDEFGHJKMNPQRS'],
    ['prefix', 'prefix_123456789-123456789-123456'],
    ['prefix', 'prefix_ooooooiiiiiiuuuuuuulllllll'],
    ['prefix', 'prefix_i23456789ol23456789oi23456'],
    ['prefix', 'prefix_123456789-0123456789-0123456'],
    ['prefix', 'prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['_prefix', '_prefix_00000000000000000000000000'],
    ['prefix_', 'prefix__00000000000000000000000000'],
  ])('refuses the invalid ids of the specification: %j, %j', (prefix, text) => {
    expect(() => parseTypeId(prefix, text)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('refuses an id of another type, and says what an id looks like', () => {
    expect(() => parseTypeId('ext', 'app_01h455vb4pex5vsknk084sn02q')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: '"app_01h455vb4pex5vsknk084sn02q" is not an id of the form ext_…',
        hint: 'An id is "ext_" and 26 characters, as the server gave it.',
      }),
    );
  });

  it('quotes no more than 80 characters of what it refuses', () => {
    expect(() => parseTypeId('app', 'x'.repeat(10_000))).toThrow(
      `"${'x'.repeat(80)}" is not an id of the form app_…`,
    );
  });

  it('refuses any text that is not exactly an id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/^app_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text));
        expect(() => parseTypeId('app', text)).toThrow(expect.objectContaining({ code: 'invalid' }));
      }),
    );
  });
});

describe('typeIdTime', () => {
  it('reads the time of the id in the specification', () => {
    expect(typeIdTime('prefix', 'prefix_01h455vb4pex5vsknk084sn02q')).toBe(0x01890a5dac96);
  });

  it.each([
    ['app_00000000000000000000000000', 0],
    ['app_7zzzzzzzzzzzzzzzzzzzzzzzzz', LAST_TIME],
  ])('reads the time of %s as %d', (id, time) => {
    expect(typeIdTime('app', id)).toBe(time);
  });

  it('refuses what is no id of the type', () => {
    expect(() => typeIdTime('ext', 'app_00000000000000000000000000')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: '"app_00000000000000000000000000" is not an id of the form ext_…',
      }),
    );
  });
});

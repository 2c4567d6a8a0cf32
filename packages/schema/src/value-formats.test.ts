import { describe, expect, it } from 'vitest';
import { isBase64, isDateTime, VALUE_FORMATS } from './value-formats.ts';

describe('a date-time', () => {
  it.each([
    '2026-11-21T07:00:00Z',
    '2026-11-21t07:00:00z',
    '1985-04-12T23:20:50.52Z',
    '1996-12-19T16:39:57-08:00',
    '1990-12-31T23:59:60Z',
    '2024-02-29T00:00:00+00:00',
    '0001-01-01T00:00:00Z',
    new Date(0).toJSON(),
  ])('is %s', (text) => expect(isDateTime(text)).toBe(true));

  it.each([
    '',
    '2026-11-21',
    '2026-11-21 07:00:00Z',
    '2026-11-21T07:00:00',
    '2026-11-21T07:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T07:60:00Z',
    '2026-11-21T07:00:61Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-11-21T07:00:00+24:00',
    '2026-11-21T07:00:00.Z',
    '+010000-01-01T00:00:00.000Z',
    '2026-11-21T07:00:00Z\n',
  ])('is not %j', (text) => expect(isDateTime(text)).toBe(false));
});

describe('base64', () => {
  it.each(['', 'aA==', 'aGk=', 'aGkh', '+/+/'])('is %j', (text) => expect(isBase64(text)).toBe(true));

  it.each([
    'a',
    'aA',
    'aA=',
    'aGk',
    'aGk==',
    'aGkh====',
    '====',
    'a===',
    'aG k',
    'aGk=\n',
    'aG=h',
    '-_-_',
    'é===',
  ])('is not %j', (text) => {
    expect(isBase64(text)).toBe(false);
  });

  it('may be as long as an input', () => {
    const text = Buffer.alloc(12 * 1024 * 1024).toString('base64');
    expect(isBase64(text)).toBe(true);
    expect(isBase64(`${text.slice(0, -1)}!`)).toBe(false);
  });
});

describe('a number', () => {
  it.each<[format: string, least: number, most: number]>([
    ['int8', -128, 127],
    ['uint8', 0, 255],
    ['int16', -32_768, 32_767],
    ['uint16', 0, 65_535],
    ['int32', -2_147_483_648, 2_147_483_647],
    ['uint32', 0, 4_294_967_295],
    ['int64', -(2 ** 63), 2 ** 63 - 1024],
    ['uint64', 0, 2 ** 64 - 2048],
    ['float', -3.4028234663852886e38, 3.4028234663852886e38],
    ['double', -Number.MAX_VALUE, Number.MAX_VALUE],
  ])('of format %s is from %d to %d', (format, least, most) => {
    const { validate } = VALUE_FORMATS[format]!.rule as { validate: (value: number) => boolean };
    const beyond = (value: number) => value + Math.sign(value) * Math.max(1, Math.abs(value) / 1e6);
    expect([least, most].map((value) => validate(value))).toEqual([true, true]);
    expect([beyond(least) - (least === 0 ? 1 : 0), beyond(most)].map((value) => validate(value))).toEqual([
      false,
      false,
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARTIFACT_MAX_BYTES,
  DEFAULT_LIMITS,
  type Limits,
  PAGE_BYTES,
  resolveLimits,
  VARIABLE_OVERHEAD_BYTES,
} from './limits.ts';

const NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];

describe('DEFAULT_LIMITS', () => {
  it('is a promise to operators: changing a value is a breaking change', () => {
    expect(DEFAULT_LIMITS).toEqual({
      memoryPages: 1024,
      exchangeBytes: 67_108_864,
      inputBytes: 16_777_216,
      outputBytes: 16_777_216,
      variableBytes: 1_048_576,
      logLines: 1_000,
      logLineBytes: 8_192,
      hostCalls: 100_000,
      callMs: 10_000,
      fuel: 10_000_000_000,
    });
    expect(ARTIFACT_MAX_BYTES).toBe(33_554_432);
    expect(PAGE_BYTES).toBe(65_536);
    expect(VARIABLE_OVERHEAD_BYTES).toBe(48);
  });

  it('cannot be changed by whoever reads it', () => {
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
  });
});

describe('resolveLimits', () => {
  it('is the defaults when nothing else was said', () => {
    expect(resolveLimits()).toEqual(DEFAULT_LIMITS);
    expect(resolveLimits({})).toEqual(DEFAULT_LIMITS);
  });

  it('lays overrides over the defaults, whatever they are', () => {
    const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...NAMES), positive), (overrides) => {
        const limits = resolveLimits(overrides);

        expect(limits).toEqual({ ...DEFAULT_LIMITS, ...overrides });
        expect(Object.isFrozen(limits)).toBe(true);
      }),
    );
  });

  it('takes a copy, so that a later change of the overrides changes nothing', () => {
    const overrides = { logLines: 1 };
    const limits = resolveLimits(overrides);
    overrides.logLines = 2;

    expect(limits.logLines).toBe(1);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '10', null, undefined, 10n])(
    'refuses %s as a limit',
    (value) => {
      const overrides = { memoryPages: value } as unknown as Partial<Limits>;

      expect(() => resolveLimits(overrides)).toThrow(
        expect.objectContaining({
          code: 'invalid',
          message: `limit "memoryPages" must be a positive whole number, not ${String(value)}`,
        }),
      );
    },
  );

  it.each(['memory', 'toString', 'constructor', 'hasOwnProperty'])(
    'refuses the unknown limit %s and lists the known ones',
    (name) => {
      expect(() => resolveLimits({ [name]: 1 })).toThrow(
        expect.objectContaining({
          code: 'invalid',
          message: `unknown limit "${name}"`,
          hint: 'Use one of: memoryPages, exchangeBytes, inputBytes, outputBytes, variableBytes, logLines, logLineBytes, hostCalls, callMs, fuel.',
        }),
      );
    },
  );

  it('refuses an unknown limit that came as JSON under the name of the prototype', () => {
    expect(() => resolveLimits(JSON.parse('{"__proto__":1}'))).toThrow('unknown limit "__proto__"');
  });
});

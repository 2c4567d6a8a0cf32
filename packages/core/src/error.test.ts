import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ERROR_CODES, type ErrorFacts, isPlugbayError, messageOf, PlugbayError } from './error.ts';

const FACTS = {
  hint: 'Push it again.',
  plugin: 'discount',
  tenant: 'acme',
  point: 'Discount',
  phase: 'call',
  stateLost: true,
  cause: new Error('below'),
} as const satisfies ErrorFacts;

describe('PlugbayError', () => {
  it('is an Error with a code, a message and a name', () => {
    const error = new PlugbayError('trap', 'unreachable was executed');

    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe('trap');
    expect(error.message).toBe('unreachable was executed');
    expect(String(error)).toBe('PlugbayError: unreachable was executed');
    expect(error.stack).toContain('error.test.ts');
  });

  it('has no facts but those it was given', () => {
    const { hint, plugin, tenant, point, phase, stateLost } = new PlugbayError('internal', 'x');

    expect({ hint, plugin, tenant, point, phase, stateLost }).toEqual({ stateLost: false });
    expect('cause' in new PlugbayError('internal', 'x')).toBe(false);
  });

  it('carries the facts it was given', () => {
    expect(new PlugbayError('trap', 'x', FACTS)).toMatchObject(FACTS);
  });

  it('has a closed list of codes without doubles', () => {
    expect(ERROR_CODES).toEqual([
      'invalid',
      'not_found',
      'conflict',
      'denied',
      'unauthenticated',
      'limit',
      'timeout',
      'canceled',
      'trap',
      'plugin',
      'unavailable',
      'integrity',
      'unsupported',
      'internal',
    ]);
  });
});

describe('PlugbayError.with', () => {
  it('adds facts and keeps code, message and stack', () => {
    const error = new PlugbayError('limit', 'too much');
    const richer = error.with(FACTS);

    expect(richer).toMatchObject({ ...FACTS, code: 'limit', message: 'too much' });
    expect(richer.stack).toBe(error.stack);
    expect(isPlugbayError(richer)).toBe(true);
  });

  it('leaves the error it was called on alone', () => {
    const error = new PlugbayError('limit', 'too much');
    error.with(FACTS);

    expect(error).toMatchObject({ hint: undefined, plugin: undefined, stateLost: false });
    expect(error.cause).toBeUndefined();
  });

  it('prefers the facts that were known closer to the cause', () => {
    const later: ErrorFacts = {
      hint: 'b',
      tenant: 'b',
      point: 'b',
      phase: 'open',
      stateLost: false,
      cause: new Error('b'),
    };

    expect(new PlugbayError('limit', 'x', FACTS).with(later)).toMatchObject(FACTS);
  });

  it('turns the error of another plugin into the cause of one about this plugin', () => {
    const inner = new PlugbayError('trap', 'x', { plugin: 'inner', tenant: 'b', stateLost: true, hint: 'h' });
    const outer = inner.with({ plugin: 'outer', tenant: 'a', phase: 'call', stateLost: false });
    expect(outer).toMatchObject({
      code: 'trap',
      message: 'x',
      hint: 'h',
      plugin: 'outer',
      tenant: 'a',
      stateLost: false,
    });
    expect(outer.cause).toBe(inner);
  });

  it('keeps a loss of state that anyone reported', () => {
    expect(new PlugbayError('trap', 'x').with({ stateLost: true }).stateLost).toBe(true);
    expect(new PlugbayError('trap', 'x', { stateLost: true }).with({}).stateLost).toBe(true);
    expect(new PlugbayError('trap', 'x').with({}).stateLost).toBe(false);
  });
});

describe('isPlugbayError', () => {
  it('knows the error of another copy of this package', async () => {
    vi.resetModules();
    const copy = await import('./error.ts');
    const error = new copy.PlugbayError('denied', 'x');

    expect(copy.PlugbayError).not.toBe(PlugbayError);
    expect(error).not.toBeInstanceOf(PlugbayError);
    expect(isPlugbayError(error)).toBe(true);
    expect(copy.isPlugbayError(new PlugbayError('denied', 'x'))).toBe(true);
  });

  it('knows the error of a subclass', () => {
    class Refusal extends PlugbayError {}

    expect(isPlugbayError(new Refusal('denied', 'x'))).toBe(true);
  });

  it.each([
    undefined,
    null,
    'PlugbayError',
    42,
    {},
    new Error('x'),
    { name: 'PlugbayError', code: 'denied' },
    () => 0,
  ])('does not take %s for one', (value) => {
    expect(isPlugbayError(value)).toBe(false);
  });
});

describe('messageOf', () => {
  it.each([
    [new Error('it broke'), 'it broke'],
    [new PlugbayError('trap', 'it trapped'), 'it trapped'],
    [new Error(''), ''],
    ['a string', 'a string'],
    [42, '42'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.assign(new Error('x'), { message: 7 }), '7'],
  ])('is the text of %s', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  it('answers even for a thrown value that does not become a string', () => {
    const hostile = {
      toString(): string {
        throw new Error('no');
      },
    };

    expect(messageOf(hostile)).toBe('a thrown object without a message');
    expect(messageOf(Object.create(null))).toBe('a thrown object without a message');
  });

  it('is a string for anything at all', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        expect(typeof messageOf(thrown)).toBe('string');
      }),
    );
  });
});

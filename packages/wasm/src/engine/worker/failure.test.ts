import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { packError, packThrown, unpackError, unpackThrown } from './failure.ts';

const nobody = (): undefined => undefined;

describe('an error of a thread', () => {
  it('arrives with its code, text and hint, and with its causes', () => {
    const trap = new WebAssembly.RuntimeError('unreachable');
    const inner = new PlugbayError('trap', 'the module trapped: unreachable', { cause: trap });
    const outer = new PlugbayError('plugin', 'it says so', { hint: 'Try again.', cause: inner });
    const error = unpackError(packError(outer, nobody), nobody);
    expect(error).toBeInstanceOf(PlugbayError);
    expect([error.code, error.message, error.hint]).toEqual(['plugin', 'it says so', 'Try again.']);
    const cause = error.cause as PlugbayError;
    expect([cause.code, cause.message]).toEqual(['trap', 'the module trapped: unreachable']);
    expect(cause.cause).toBeInstanceOf(WebAssembly.RuntimeError);
    expect((cause.cause as Error).stack).toBe(trap.stack);
  });

  it.each([new RangeError('r'), new TypeError('t'), new Error('e')])('keeps the class of %s', (cause) => {
    const error = unpackError(packError(new PlugbayError('trap', 'x', { cause }), nobody), nobody);
    expect(error.cause).toBeInstanceOf(cause.constructor);
    expect((error.cause as Error).message).toBe(cause.message);
  });

  it('has no more causes than one reads', () => {
    let error = new PlugbayError('internal', 'deepest');
    for (let depth = 0; depth < 20; depth++)
      error = new PlugbayError('internal', `${depth}`, { cause: error });
    let causes = 0;
    for (let each: unknown = unpackError(packError(error, nobody), nobody); each instanceof Error; causes++)
      each = each.cause;
    expect(causes).toBe(5);
  });
});

describe('what the host throws at a guest', () => {
  it.each([
    ['an error of ours', new PlugbayError('denied', 'not this one', { hint: 'Ask.' })],
    ['an error', new TypeError('no')],
    ['a string', 'no'],
    ['nothing', undefined],
  ])('is the very same when it comes back: %s', (_, thrown) => {
    const { thrown: standIn, number } = unpackThrown(packThrown(thrown, 3));
    expect(number).toBe(3);
    // The guest goes on with what stands for it, here as the cause of its own error.
    const error = new PlugbayError('internal', 'it failed', { cause: standIn });
    const text = packError(error, (each) => (each === standIn ? number : undefined));
    expect(unpackError(text, (asked) => (asked === 3 ? thrown : 'another')).cause).toBe(thrown);
  });

  it('says what it says where it stands for it', () => {
    const denied = new PlugbayError('denied', 'not this one', { hint: 'Ask.' });
    const { thrown } = unpackThrown(packThrown(denied, 0));
    expect(thrown).toMatchObject({ code: 'denied', message: 'not this one', hint: 'Ask.' });
  });

  it('may be a proxy that does not let itself be looked at', () => {
    const untouchable = (): never => {
      throw new Error('hands off');
    };
    const proxy = new Proxy({}, { has: untouchable, get: untouchable, getPrototypeOf: untouchable });
    expect(unpackThrown(packThrown(proxy, 1))).toMatchObject({ number: 1 });
  });
});

import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { instantiationError, internalError, trapError } from './trap.ts';

describe('what comes out of a module', () => {
  it('is the error that went in', () => {
    const error = new PlugbayError('denied', 'no');
    expect([trapError(error), instantiationError(error), internalError(error)]).toEqual([
      error,
      error,
      error,
    ]);
  });

  it('is a fault of ours when it is nothing that a module throws', () => {
    const thrown = new TypeError('bug');
    expect(trapError(thrown)).toMatchObject({ code: 'internal', message: 'bug', cause: thrown });
  });

  it.each([
    'WebAssembly.Memory(): could not allocate memory',
    'WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance',
  ])('is a lack of memory, and no trap, when V8 says so: %s', (message) => {
    expect(instantiationError(new RangeError(message))).toMatchObject({
      code: 'unavailable',
      message: `no memory for another instance: ${message}`,
    });
    expect(instantiationError(new RangeError('Maximum call stack size exceeded'))).toMatchObject({
      code: 'trap',
    });
  });
});

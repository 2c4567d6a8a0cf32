// Host functions: typed imports that the app provides itself.
import { type HostFunction, isAsynchronous, PlugbayError } from '@plugbay/core';
import { type FunctionType, isUntyped } from '../../binary/types.ts';
import { isThenable, resuming } from '../suspension.ts';
import { hostError } from '../trap.ts';
import { nowOf, waitingImport } from '../waiting.ts';
import { FunctionContext } from './context.ts';
import type { Resources } from './host-imports.ts';
import type { ImportMaker } from './state.ts';

const NUMERIC: ReadonlySet<string> = new Set(['i32', 'i64', 'f32', 'f64']);

/** Whether a function of this type can be written in JavaScript as a {@link HostFunction}. */
export function isHostFunctionType({ parameters, results }: FunctionType): boolean {
  return results.length <= 1 && [...parameters, ...results].every((type) => NUMERIC.has(type));
}

/**
 * The import behind a host function. What the function throws is the call's failure, whatever the guest does with it:
 * a PlugbayError as it is, anything else as `internal` with its cause.
 */
export function hostFunctionImport(
  name: string,
  body: HostFunction,
  type: FunctionType,
  { environment, variables }: Pick<Resources, 'environment' | 'variables'>,
): ImportMaker {
  const expected = type.results[0];
  return (state) => {
    const begin = (): FunctionContext => {
      state.call.countHostCall();
      state.context ??= new FunctionContext(state.call, state.exchange, variables);
      return state.context;
    };
    const refuse = (thrown: unknown): never => {
      throw state.call.failed(hostError(`host function ${name}`, thrown));
    };
    const check = (result: unknown): unknown => {
      if (isUntyped(type) || fits(result, expected)) return result;
      throw resultError(name, result, expected);
    };
    const now = ofArity(type, nowOf(body), begin, check, refuse);
    if (!isAsynchronous(body)) return now;
    const resume = resuming(state, checkLater(check, refuse), refuse);
    return waitingImport(environment, 'async', type, {
      now,
      later: ofArity(type, body, begin, resume, refuse),
    });
  };
}

// What comes later is thrown outside of the function's own try.
function checkLater(
  check: (result: unknown) => unknown,
  refuse: (thrown: unknown) => never,
): (result: unknown) => unknown {
  return (result) => {
    try {
      return check(result);
    } catch (thrown) {
      return refuse(thrown);
    }
  };
}

// With as many parameters as the import has, because V8 calls such a function without adapting its arguments.
function ofArity(
  { parameters }: FunctionType,
  body: HostFunction,
  begin: () => FunctionContext,
  accept: (result: unknown) => unknown,
  refuse: (thrown: unknown) => never,
): (...values: (number | bigint)[]) => unknown {
  if (parameters.length === 1) {
    return (value) => {
      try {
        return accept(body(begin(), value as number | bigint));
      } catch (thrown) {
        return refuse(thrown);
      }
    };
  }
  if (parameters.length === 2) {
    return (first, second) => {
      try {
        return accept(body(begin(), first as number | bigint, second as number | bigint));
      } catch (thrown) {
        return refuse(thrown);
      }
    };
  }
  return (...values) => {
    try {
      return accept(body(begin(), ...values));
    } catch (thrown) {
      return refuse(thrown);
    }
  };
}

// A function without a result may return anything but a promise, which somebody would have to wait for.
function fits(result: unknown, expected: string | undefined): boolean {
  if (expected === undefined) return !isThenable(result);
  return typeof result === (expected === 'i64' ? 'bigint' : 'number');
}

function resultError(name: string, result: unknown, expected: string | undefined): PlugbayError {
  if (isThenable(result)) {
    // The error says what is wrong; how the promise ends does not matter any more.
    result.then(undefined, () => undefined);
    return new PlugbayError('unsupported', `host function ${name} returned a promise`, {
      hint: 'Make it an async function, or declare it with asynchronous() of @plugbay/core.',
    });
  }
  const wanted = expected === 'i64' ? 'a bigint' : 'a number';
  return new PlugbayError(
    'internal',
    `host function ${name} returned ${typeof result}; its result is an ${expected}, ${wanted}`,
  );
}

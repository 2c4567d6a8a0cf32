// Host functions: typed imports that the app provides itself.
import { type HostFunction, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import type { FunctionType } from '../../binary/types.ts';
import { FunctionContext } from './context.ts';
import type { ImportMaker } from './state.ts';
import type { Variables } from './variables.ts';

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
  { results }: FunctionType,
  variables: Variables,
): ImportMaker {
  const expected = results[0];
  return (state) =>
    (...values: (number | bigint)[]): unknown => {
      const { call } = state;
      call.countHostCall();
      state.context ??= new FunctionContext(call, state.exchange, variables);
      let result: unknown;
      try {
        result = body(state.context, ...values);
      } catch (thrown) {
        throw call.failed(thrownError(name, thrown));
      }
      if (fits(result, expected)) return result;
      throw call.failed(resultError(name, result, expected));
    };
}

// A function without a result may return anything but a promise, which somebody would have to wait for.
function fits(result: unknown, expected: string | undefined): boolean {
  if (expected === undefined) return !isThenable(result);
  return typeof result === (expected === 'i64' ? 'bigint' : 'number');
}

function thrownError(name: string, thrown: unknown): PlugbayError {
  if (isPlugbayError(thrown)) return thrown;
  return new PlugbayError('internal', `host function ${name}: ${messageOf(thrown)}`, { cause: thrown });
}

function resultError(name: string, result: unknown, expected: string | undefined): PlugbayError {
  if (isThenable(result)) {
    // The error says what is wrong; how the promise ends does not matter any more.
    result.then(undefined, () => undefined);
    return new PlugbayError('unsupported', `host function ${name} returned a promise`, {
      hint: 'Asynchronous host functions are not supported by the inline engine yet; return a value.',
    });
  }
  const wanted = expected === 'i64' ? 'a bigint' : 'a number';
  return new PlugbayError(
    'internal',
    `host function ${name} returned ${typeof result}; its result is an ${expected}, ${wanted}`,
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

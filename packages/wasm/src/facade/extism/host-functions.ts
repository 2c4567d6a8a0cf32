// The app's host functions, as the engine calls them: with the SDK's context, and their results made into what wasm wants.
import {
  type HostFunction,
  type HostFunctionContext,
  type HostFunctionResult,
  type HostFunctions,
  isAsynchronous,
} from '@plugbay/core';
import { FunctionContext } from '../../abi/extism/context.ts';
import type { ImportShape } from '../../binary/external.ts';
import type { CallContext } from './call-context.ts';
import { type Frame, thrownIn } from './frame.ts';
import type { Session } from './session.ts';
import type { ExtismPluginOptions, PluginFunction } from './types.ts';

type Given = NonNullable<ExtismPluginOptions['functions']>;
type Coerce = (value: unknown) => HostFunctionResult;

/** The host functions among `given` that `imports` name, for the engine. */
export function hostFunctions(
  given: Given,
  imports: readonly ImportShape[],
  session: Session,
): HostFunctions {
  const functions: Record<string, Record<string, HostFunction>> = Object.create(null);
  for (const { module, name, type } of imports) {
    const body = functionIn(given, module, name);
    if (body === undefined) continue;
    functions[module] ??= Object.create(null) as Record<string, HostFunction>;
    (functions[module] as Record<string, HostFunction>)[name] = hostFunction(
      body,
      coercionTo(type?.results[0]),
      session,
    );
  }
  return functions;
}

/** The app's function for an import; undefined when it has none. */
export function functionIn(given: Given, module: string, name: string): PluginFunction | undefined {
  // Own properties only, because a module names its imports as it likes.
  const named = Object.hasOwn(given, module) ? given[module] : undefined;
  const body = named !== undefined && Object.hasOwn(named, name) ? named[name] : undefined;
  return typeof body === 'function' ? body : undefined;
}

function hostFunction(body: PluginFunction, coerce: Coerce, session: Session): HostFunction {
  const begin = (context: HostFunctionContext): [CallContext, Frame] => {
    if (!(context instanceof FunctionContext)) throw new TypeError('a host function outside of a call');
    const frame = context.context as Frame;
    return [session.serve(context.exchange, frame), frame];
  };
  // What it is called with does not matter here.
  if (isAsynchronous(body as unknown as HostFunction)) {
    return async (context, ...values) => {
      const [own, frame] = begin(context);
      try {
        return coerce(await body(own, ...values));
      } catch (thrown) {
        throw thrownIn(frame, thrown);
      }
    };
  }
  return (context, ...values) => {
    const [own, frame] = begin(context);
    try {
      const result = body(own, ...values);
      // An engine that cannot wait for a promise here says what is wrong with it.
      if (isThenable(result)) return settled(result, coerce, frame);
      return coerce(result);
    } catch (thrown) {
      throw thrownIn(frame, thrown);
    }
  };
}

async function settled(
  result: PromiseLike<unknown>,
  coerce: Coerce,
  frame: Frame,
): Promise<HostFunctionResult> {
  try {
    return coerce(await result);
  } catch (thrown) {
    throw thrownIn(frame, thrown);
  }
}

// As the WebAssembly JavaScript API does it: ToBigInt64 for an i64, whose TypeErrors these are, ToNumber for the rest.
function coercionTo(type: string | undefined): Coerce {
  if (type === 'i64') return (value) => BigInt.asIntN(64, value as bigint);
  if (type === 'i32' || type === 'f32' || type === 'f64') return (value) => +(value as number);
  return (value) => value as HostFunctionResult;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

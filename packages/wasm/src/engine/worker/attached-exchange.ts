// The exchange memory of an instance on a thread, for host functions that run on this one: with a kernel of this thread's own.
import { type Limits, PlugbayError } from '@plugbay/core';
import { Exchange } from '../../abi/extism/exchange.ts';
import { compileKernel, type Kernel } from '../../abi/extism/kernel.ts';

let kernel: WebAssembly.Module | undefined;

/** An exchange on `memory`, which a thread's kernel works on as well; the two take turns. */
export function attachedExchange(memory: WebAssembly.Memory, limits: Limits): Exchange {
  kernel ??= compileKernel(true);
  const exchange = new Exchange(limits, { memory });
  const host = { memory, ...NEVER_ASKED };
  const { take, measure } = new WebAssembly.Instance(kernel, { host }).exports;
  exchange.bind({ take, measure } as unknown as Kernel);
  return exchange;
}

const never = (): never => {
  throw new PlugbayError('internal', 'a kernel of the host is asked for what only a guest wants');
};

const NEVER_ASKED = {
  config_get: never,
  var_get: never,
  var_set: never,
  log: never,
  http_request: never,
  http_headers: never,
} as const;

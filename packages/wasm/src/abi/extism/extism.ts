// The Extism ABI: plugins written with any Extism PDK. https://extism.org/docs/concepts/pdk
import type { Companion } from '../../module/companion.ts';
import type { Abi } from '../abi.ts';
import { kernelCompanion } from './guest.ts';
import { compileKernel } from './kernel.ts';
import { LinkedExtism } from './linked.ts';

/** The {@link Abi} whose linked modules are Extism's. */
export interface ExtismAbi extends Abi {
  readonly companion: Companion;
  link(...given: Parameters<Abi['link']>): LinkedExtism;
}

/**
 * The ABI, with its kernel compiled once, for plugins of several modules. `sharedExchange` when another thread works on the
 * exchange memories as well.
 */
export function extismAbi(sharedExchange = false): ExtismAbi {
  let kernel: WebAssembly.Module | undefined;
  const compiled = (): WebAssembly.Module => {
    kernel ??= compileKernel(sharedExchange);
    return kernel;
  };
  return {
    name: 'extism',
    companion: kernelCompanion(sharedExchange),
    link: (plugin, environment) => new LinkedExtism(plugin, environment, compiled),
  };
}

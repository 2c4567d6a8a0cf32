// The Extism ABI: plugins written with any Extism PDK. https://extism.org/docs/concepts/pdk
import type { Abi } from '../abi.ts';
import { kernelCompanion } from './guest.ts';
import { compileKernel } from './kernel.ts';
import { LinkedExtism } from './linked.ts';

/** The ABI, with its kernel compiled once, for plugins of several modules. */
export function extismAbi(): Abi {
  let kernel: WebAssembly.Module | undefined;
  const compiled = (): WebAssembly.Module => {
    kernel ??= compileKernel();
    return kernel;
  };
  return {
    name: 'extism',
    companion: kernelCompanion(),
    link: (plugin, environment) => new LinkedExtism(plugin, environment, compiled),
  };
}

// What can be said about a plugin of one module, or several, without running it.
import { type AbiName, contentAddress, type ModuleSource, type PluginInfo } from '@plugbay/core';

/** A module's {@link PluginInfo}; bytes without a digest are hashed when it is first read. */
export function moduleInfo(
  { name, digest, bytes }: ModuleSource,
  abi: AbiName,
  exports: readonly string[],
): PluginInfo {
  let known = digest;
  return Object.freeze({
    name,
    kind: 'wasm',
    abi,
    get digest() {
      known ??= contentAddress(bytes);
      return known;
    },
    exports,
  });
}

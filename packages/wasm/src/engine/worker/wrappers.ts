// What has to be known of the V8 that we run on: where several threads run plugins, that of Node 24 may abort the process.
import { setFlagsFromString } from 'node:v8';

// V8 compiles a wrapper for an import of JavaScript that was called a thousand times, for the whole process, and frees it when no
// instance has it any more. That of Node 24 sometimes finds the wrapper's memory gone, and aborts ("Check failed:
// jit_page.has_value()", https://github.com/nodejs/node/issues/64500). We have not seen it on a later one.
const LAST_AFFECTED = 24;

// Calls until a wrapper is compiled: never. The one that V8 has for all imports takes 30 ns more.
const FLAG = '--wasm-wrapper-tiering-budget=2147483647';

/** Keeps V8 from compiling such wrappers, in all of the process, where it may abort when it frees them. */
export function keepGenericWrappers(
  nodeVersion: string = process.versions.node,
  setFlags: (flag: string) => void = setFlagsFromString,
): void {
  if (Number.parseInt(nodeVersion, 10) <= LAST_AFFECTED) setFlags(FLAG);
}

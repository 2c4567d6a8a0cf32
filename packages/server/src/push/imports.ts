// The imports that a plugin may have without its extension point declaring them: those of the ABI, and WASI preview 1.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
import { EXTISM_ENV, EXTISM_ENV_NAMES, WASI_FUNCTION_NAMES } from '@plugbay/wasm';

/** The namespace of WASI preview 1. */
export const WASI_NAMESPACE = 'wasi_snapshot_preview1';

/** The namespace of an extension point's own imports, as XTP's generated plugins spell it. */
export const USER_NAMESPACE = 'extism:host/user';

/** Every function by the namespaces that need no declaration. */
export const STANDARD_IMPORTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [EXTISM_ENV, new Set(EXTISM_ENV_NAMES)],
  [WASI_NAMESPACE, new Set(WASI_FUNCTION_NAMES)],
]);

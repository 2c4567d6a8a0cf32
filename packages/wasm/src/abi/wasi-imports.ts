// WASI as a single module imports it: refused where it is not granted, and behind a look at the clock where work is counted.
import { PlugbayError } from '@plugbay/core';
import type { ImportShape } from '../binary/external.ts';
import { isSameType } from '../binary/types.ts';
import { WASI_NAMESPACES, wasiSignature } from '../wasi/signatures.ts';
import type { Wasi, WasiFunction } from '../wasi/wasi.ts';
import type { Environment } from './environment.ts';
import type { Serving } from './suspension.ts';

/** Whether an import is a function of WASI under its own type. */
export function isWasiImport({ module, name, type }: ImportShape): boolean {
  if (type === undefined || !WASI_NAMESPACES.includes(module)) return false;
  const expected = wasiSignature(module, name);
  return expected !== undefined && isSameType(expected, type);
}

/** Passes for a module that uses no more of WASI than was granted. @throws PlugbayError `unsupported` that names what it imports. */
export function requireGrantedWasi(imports: readonly ImportShape[], { wasi }: Environment): void {
  if (wasi !== undefined) return;
  const names = imports.filter(({ module }) => WASI_NAMESPACES.includes(module)).map(({ name }) => name);
  if (names.length === 0) return;
  throw new PlugbayError(
    'unsupported',
    `the module imports WASI, which is not granted: ${names.join(', ')}`,
    {
      hint: 'Open the plugin with "wasi" ({} grants time, random numbers and a log), or build it without WASI.',
    },
  );
}

/** One function of an instance's WASI. What a metered module asks takes time that no fuel is counted for, so the clock is looked at before. */
export function wasiImport(
  { metered, waiting }: Environment,
  state: Serving,
  wasi: Wasi,
  { module, name, type }: ImportShape,
): unknown {
  const run = wasi.imports(module)[name];
  if (run === undefined || type === undefined) return run;
  const now = metered ? watched(state, run) : run;
  if (waiting === undefined || name !== SLEEPS) return now;
  return waiting.either(type, { now, later: (...values) => waiting.sleeping(() => now(...values)) });
}

// The one function that lets time pass.
const SLEEPS = 'poll_oneoff';

function watched(state: Serving, run: WasiFunction): WasiFunction {
  return (...values) => {
    state.call.checkWanted();
    state.call.chargeSystemCall();
    return run(...values);
  };
}

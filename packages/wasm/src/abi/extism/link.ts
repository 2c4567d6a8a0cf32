// Linking: who answers each import of a module. Settled once, so that what is missing shows when a plugin is opened.
import { type HostFunction, type HostFunctions, PlugbayError } from '@plugbay/core';
import type { ImportShape } from '../../binary/external.ts';
import { type FunctionType, signature } from '../../binary/types.ts';
import { EXTISM_ENV } from './env.ts';
import { hostCallImport } from './host-call.ts';
import { hostFunctionImport, isHostFunctionType } from './host-function.ts';
import type { Resources } from './host-imports.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { logThreshold } from './log.ts';
import type { ImportMaker, InstanceState } from './state.ts';

const WASI = 'wasi_snapshot_preview1';

/** An import and what makes it. */
export interface LinkedImport {
  readonly module: string;
  readonly name: string;
  readonly make: ImportMaker;
}

/** Imports as WebAssembly wants them, made for one instance. */
export function makeImports(
  imports: readonly LinkedImport[],
  state: InstanceState,
): Record<string, Record<string, unknown>> {
  // Without prototypes, because a module names its imports as it likes.
  const made: Record<string, Record<string, unknown>> = Object.create(null);
  for (const { module, name, make } of imports) {
    made[module] ??= Object.create(null) as Record<string, unknown>;
    made[module][name] = make(state);
  }
  return made;
}

/**
 * Finds who answers each import.
 * @throws PlugbayError `unsupported` (WASI, asynchronous host calls, types that a host function cannot have),
 * `denied` (a host function it may not use), `invalid` (imports nobody provides, all of them named).
 */
export function linkImports(imports: readonly ImportShape[], resources: Resources): LinkedImport[] {
  refuseWasi(imports);
  const missing: ImportShape[] = [];
  const linked: LinkedImport[] = [];
  for (const shape of imports) {
    const make = linkImport(shape, resources);
    if (make === undefined) missing.push(shape);
    else linked.push({ module: shape.module, name: shape.name, make });
  }
  if (missing.length > 0) throw missingImports(missing);
  return linked;
}

function linkImport({ module, name, type }: ImportShape, resources: Resources): ImportMaker | undefined {
  if (type === undefined) return undefined;
  const { environment, variables } = resources;
  if (module === EXTISM_ENV) {
    if (KERNEL_NAMES.includes(name)) return (state) => state.exchange.exports[name];
    if (name === 'http_status_code') return (state) => () => state.httpStatus;
    if (name === 'get_log_level') return () => () => logThreshold(environment);
  }
  const own = ownFunction(environment.functions, module, name);
  if (own !== undefined) {
    environment.door.authorise(module, name);
    if (!isHostFunctionType(type)) throw notNumeric(module, name, type);
    return hostFunctionImport(`${module}/${name}`, own, type, variables);
  }
  if (signature(type) !== '(i64) -> i64') return undefined;
  const mode = environment.door.mode(module, name);
  if (mode === 'async') throw asynchronous(module, name);
  return mode === 'sync' ? hostCallImport(environment, module, name) : undefined;
}

function ownFunction(functions: HostFunctions, module: string, name: string): HostFunction | undefined {
  // Own properties only, because a module names its imports as it likes.
  const named = Object.hasOwn(functions, module) ? functions[module] : undefined;
  return named !== undefined && Object.hasOwn(named, name) ? named[name] : undefined;
}

function refuseWasi(imports: readonly ImportShape[]): void {
  const names = imports.filter(({ module }) => module === WASI).map(({ name }) => name);
  if (names.length === 0) return;
  throw new PlugbayError(
    'unsupported',
    `the module imports WASI, which is not provided yet: ${names.join(', ')}`,
    {
      hint: 'Build the plugin without WASI, for example for wasm32-unknown-unknown.',
    },
  );
}

function asynchronous(module: string, name: string): PlugbayError {
  return new PlugbayError('unsupported', `host calls ${module}.${name} are answered asynchronously`, {
    hint: 'The inline engine does not wait for host calls yet; register a callback that answers at once.',
  });
}

function notNumeric(module: string, name: string, type: FunctionType): PlugbayError {
  return new PlugbayError(
    'unsupported',
    `host function ${module}/${name} cannot have the type ${signature(type)}`,
    {
      hint: 'Host functions take and return i32, i64, f32 and f64, and return one value at most.',
    },
  );
}

function missingImports(missing: readonly ImportShape[]): PlugbayError {
  const names = missing.map(
    ({ module, name, kind, type }) => `${module} ${name}: ${type === undefined ? kind : signature(type)}`,
  );
  return new PlugbayError('invalid', `the module imports what nobody provides: ${names.join('; ')}`, {
    hint: hintFor(missing),
  });
}

function hintFor(missing: readonly ImportShape[]): string {
  if (missing.some(({ type }) => type === undefined))
    return 'Only functions can be provided; build the plugin without the rest.';
  if (missing.every(({ module }) => module === EXTISM_ENV))
    return 'The ABI has no such functions; build the plugin with a current Extism PDK.';
  return 'Provide them as host functions (option "functions"), or register callbacks for those of type (i64) -> i64.';
}

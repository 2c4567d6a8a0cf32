// Linking: who answers each import of a module. Settled once, so that what is missing shows when a plugin is opened.
import { type HostFunction, type HostFunctions, isAsynchronous, PlugbayError } from '@plugbay/core';
import type { ExportShape, ImportShape } from '../../binary/external.ts';
import { type FunctionType, isSameType, signature } from '../../binary/types.ts';
import { WASI_NAMESPACES, wasiSignature } from '../../wasi/signatures.ts';
import { HostCaller } from '../host-caller.ts';
import { logThreshold } from '../log.ts';
import { EXTISM_ENV } from './env.ts';
import { hostCallImport } from './host-call.ts';
import { hostFunctionImport, isHostFunctionType } from './host-function.ts';
import type { Resources } from './host-imports.ts';
import { KERNEL_NAMES } from './kernel.ts';
import type { ImportMaker } from './state.ts';

/** Where an import comes from. */
type Origin =
  | { readonly kind: 'host'; readonly make: ImportMaker }
  /** Of the kernel of the instance. */
  | { readonly kind: 'kernel' }
  /** Of the WASI of this very module. */
  | { readonly kind: 'wasi' }
  /** Of another module of the plugin. */
  | { readonly kind: 'module' };

const KERNEL: Origin = { kind: 'kernel' };
const WASI: Origin = { kind: 'wasi' };
const MODULE: Origin = { kind: 'module' };

/** An import and where it comes from. */
export interface LinkedImport {
  readonly shape: ImportShape;
  readonly origin: Origin;
}

/** What the modules of a plugin export, by the modules' names. */
export type Siblings = ReadonlyMap<string, readonly ExportShape[]>;

/** A module's imports, settled. */
export interface LinkedImports {
  readonly imports: readonly LinkedImport[];
  /** Those that are answered asynchronously, as `namespace.name`. */
  readonly asynchronous: readonly string[];
}

/**
 * Finds who answers each import: another module of the plugin first, then the ABI, WASI, the app.
 * @throws PlugbayError `unsupported` (WASI that was not granted, types that a host function cannot have), `denied` (a host
 * function it may not use), `invalid` (imports nobody provides, all of them named).
 */
export function linkImports(
  imports: readonly ImportShape[],
  resources: Resources,
  siblings: Siblings,
): LinkedImports {
  if (resources.environment.wasi === undefined) refuseWasi(imports, siblings);
  const missing: ImportShape[] = [];
  const linked: LinkedImport[] = [];
  const asynchronous: string[] = [];
  for (const shape of imports) {
    const origin = findOrigin(shape, resources, siblings, () =>
      asynchronous.push(`${shape.module}.${shape.name}`),
    );
    if (origin === undefined) missing.push(shape);
    else linked.push({ shape, origin });
  }
  if (missing.length > 0) throw missingImports(missing);
  return { imports: linked, asynchronous };
}

function findOrigin(
  shape: ImportShape,
  resources: Resources,
  siblings: Siblings,
  waits: () => void,
): Origin | undefined {
  const { module, name, type } = shape;
  const exports = siblings.get(module);
  if (exports !== undefined) return isExported(shape, exports) ? MODULE : undefined;
  if (type === undefined) return undefined;
  const { environment } = resources;
  if (module === EXTISM_ENV) {
    if (KERNEL_NAMES.includes(name)) {
      if (name === 'http_request' && resources.http.mode === 'async') waits();
      return KERNEL;
    }
    if (name === 'http_status_code') return host((state) => () => state.httpStatus);
    if (name === 'get_log_level') return host(() => () => logThreshold(environment));
  }
  if (WASI_NAMESPACES.includes(module)) return wasiOrigin(module, name, type);
  const make = makerOf(shape, type, resources, waits);
  return make === undefined ? undefined : host(make);
}

function wasiOrigin(namespace: string, name: string, type: FunctionType): Origin | undefined {
  const expected = wasiSignature(namespace, name);
  return expected !== undefined && isSameType(expected, type) ? WASI : undefined;
}

function host(make: ImportMaker): Origin {
  return { kind: 'host', make };
}

// The app's own host functions, then the door.
function makerOf(
  shape: ImportShape,
  type: FunctionType,
  { environment, variables }: Resources,
  waits: () => void,
): ImportMaker | undefined {
  const { module, name } = shape;
  const own = ownFunction(environment.functions, module, name);
  if (own !== undefined) {
    environment.door.authorise(module, name);
    if (!isHostFunctionType(type)) throw notNumeric(module, name, type);
    if (isAsynchronous(own)) waits();
    return hostFunctionImport(`${module}/${name}`, own, type, { environment, variables });
  }
  if (signature(type) !== '(i64) -> i64') return undefined;
  const caller = new HostCaller(environment, { link: '', namespace: module, operation: name });
  if (caller.mode === undefined) return undefined;
  if (caller.mode === 'async') waits();
  return hostCallImport(environment, caller, shape);
}

function isExported({ name, kind, type }: ImportShape, exports: readonly ExportShape[]): boolean {
  const found = exports.find((candidate) => candidate.name === name);
  if (found?.kind !== kind) return false;
  return type === undefined || found.type === undefined || isSameType(found.type, type);
}

function ownFunction(functions: HostFunctions, module: string, name: string): HostFunction | undefined {
  // Own properties only, because a module names its imports as it likes.
  const named = Object.hasOwn(functions, module) ? functions[module] : undefined;
  return named !== undefined && Object.hasOwn(named, name) ? named[name] : undefined;
}

function refuseWasi(imports: readonly ImportShape[], siblings: Siblings): void {
  const names = imports
    .filter(({ module }) => WASI_NAMESPACES.includes(module) && !siblings.has(module))
    .map(({ name }) => name);
  if (names.length === 0) return;
  throw new PlugbayError(
    'unsupported',
    `the module imports WASI, which is not granted: ${names.join(', ')}`,
    {
      hint: 'Open the plugin with "wasi" ({} grants time, random numbers and a log), or build it without WASI.',
    },
  );
}

function notNumeric(module: string, name: string, type: FunctionType): PlugbayError {
  return new PlugbayError(
    'unsupported',
    `host function ${module}/${name} cannot have the type ${signature(type)}`,
    { hint: 'Host functions take and return i32, i64, f32 and f64, and return one value at most.' },
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
  if (missing.some(({ kind }) => kind === 'memory'))
    return 'Build the plugin so that it defines and exports its own memory.';
  if (missing.some(({ type }) => type === undefined))
    return 'Only functions can be provided; build the plugin without the rest.';
  if (missing.every(({ module }) => module === EXTISM_ENV))
    return 'The ABI has no such functions; build the plugin with a current Extism PDK.';
  return 'Provide them as host functions (option "functions"), or register callbacks for those of type (i64) -> i64.';
}

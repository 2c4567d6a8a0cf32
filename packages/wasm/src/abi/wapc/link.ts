// Linking: who answers each import of a waPC module. Settled once, so that what is missing shows when a plugin is opened.
import { PlugbayError } from '@plugbay/core';
import type { ImportShape } from '../../binary/external.ts';
import { isSameType, signature } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import { isWasiImport, requireGrantedWasi } from '../wasi-imports.ts';
import { HOST_CALL, WAPC, wapcType } from './signatures.ts';

/** An import and who answers it. */
export interface LinkedImport {
  readonly shape: ImportShape;
  /** The import as WASI knows it; undefined when the ABI itself answers. */
  readonly wasi: ImportShape | undefined;
}

// The first waPC guests said only "wasi", when there was only what is called unstable today.
const OLD_WASI = 'wasi';
const UNSTABLE_WASI = 'wasi_unstable';

/**
 * Finds who answers each import. None is required.
 * @throws PlugbayError `unsupported` (WASI that was not granted), `invalid` (imports nobody provides, or not under this type, all of
 * them named).
 */
export function linkImports(
  imports: readonly ImportShape[],
  environment: Environment,
): readonly LinkedImport[] {
  const named = imports.map((shape) =>
    shape.module === OLD_WASI ? { ...shape, module: UNSTABLE_WASI } : shape,
  );
  requireGrantedWasi(named, environment);
  const missing = imports.filter((shape, index) => !isAnswered(shape, named[index] as ImportShape));
  if (missing.length > 0) throw missingImports(missing);
  return imports.map((shape, index) => ({
    shape,
    wasi: wapcType(shape) === undefined ? named[index] : undefined,
  }));
}

/** What is answered asynchronously, as `namespace.name`: all host calls are behind one import. */
export function asynchronousImports(
  imports: readonly ImportShape[],
  { door }: Environment,
): readonly string[] {
  if (door.asynchronous !== true) return [];
  return imports
    .filter(({ module, name }) => module === WAPC && name === HOST_CALL)
    .map(({ module, name }) => `${module}.${name}`);
}

function isAnswered(shape: ImportShape, asWasi: ImportShape): boolean {
  const expected = wapcType(shape);
  if (expected === undefined) return isWasiImport(asWasi);
  return shape.type !== undefined && isSameType(shape.type, expected);
}

function missingImports(missing: readonly ImportShape[]): PlugbayError {
  return new PlugbayError(
    'invalid',
    `the module imports what nobody provides: ${missing.map(described).join('; ')}`,
    {
      hint: 'A waPC plugin asks its host for everything with __host_call; build it with a waPC guest library, and without imports of its own.',
    },
  );
}

function described(shape: ImportShape): string {
  const { module, name, kind, type } = shape;
  const expected = wapcType(shape);
  const found = `${module} ${name}: ${type === undefined ? kind : signature(type)}`;
  return expected === undefined ? found : `${found}, which has the type ${signature(expected)}`;
}

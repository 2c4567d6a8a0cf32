// Linking: who answers each import of a module. Settled once, so that what is missing shows when a plugin is opened.
import { PlugbayError } from '@plugbay/core';
import type { ImportShape } from '../../binary/external.ts';
import { type FunctionType, isSameType, signature } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import { HostCaller } from '../host-caller.ts';
import { isWasiImport, requireGrantedWasi } from '../wasi-imports.ts';
import { answeringDenials } from './denials.ts';
import { EVENT_TYPE, EVENTS_DENIED, eventImport } from './events.ts';
import { HTTP_TYPE, httpImport, NOT_GRANTED } from './http.ts';
import { LOG_TYPE, logImport } from './log.ts';
import { APIQUBE_ENV, EMIT_EVENT, HTTP_REQUEST } from './names.ts';
import type { ImportMaker } from './state.ts';

/** An import and who answers it. */
export type LinkedImport =
  | { readonly kind: 'host'; readonly shape: ImportShape; readonly make: ImportMaker }
  /** The WASI of the instance does. */
  | { readonly kind: 'wasi'; readonly shape: ImportShape };

/** A module's imports, settled. */
export interface LinkedImports {
  readonly imports: readonly LinkedImport[];
  /** Those that are answered asynchronously, as `namespace.name`. */
  readonly asynchronous: readonly string[];
}

/**
 * Finds who answers each import: the ABI, or WASI.
 * @throws PlugbayError `unsupported` (WASI that was not granted), `invalid` (imports nobody provides, all of them named).
 */
export function linkImports(imports: readonly ImportShape[], environment: Environment): LinkedImports {
  requireGrantedWasi(imports, environment);
  const own = ownImports(environment);
  const linked: LinkedImport[] = [];
  const missing: ImportShape[] = [];
  const asynchronous: string[] = [];
  for (const shape of imports) {
    const { module, name, type } = shape;
    const found = module === APIQUBE_ENV ? own.get(name) : undefined;
    if (found !== undefined && type !== undefined && isSameType(found.type, type)) {
      linked.push({ kind: 'host', shape, make: found.make });
      if (found.mode === 'async') asynchronous.push(`${module}.${name}`);
    } else if (isWasiImport(shape)) {
      linked.push({ kind: 'wasi', shape });
    } else {
      missing.push(shape);
    }
  }
  if (missing.length > 0) throw missingImports(missing);
  return { imports: linked, asynchronous };
}

interface OwnImport {
  readonly type: FunctionType;
  readonly make: ImportMaker;
  readonly mode?: HostCaller['mode'];
}

const NOW_TYPE: FunctionType = { parameters: [], results: ['i64'] };

function ownImports(environment: Environment): ReadonlyMap<string, OwnImport> {
  const { clock, door } = environment;
  const http = new HostCaller({ door: answeringDenials(door, NOT_GRANTED) }, HTTP_REQUEST);
  const events = new HostCaller({ door: answeringDenials(door, EVENTS_DENIED) }, EMIT_EVENT);
  return new Map<string, OwnImport>([
    ['host_log', { type: LOG_TYPE, make: logImport(environment) }],
    // Whole milliseconds since 1970, which a clock that stands before that has none of.
    ['host_now', { type: NOW_TYPE, make: () => () => BigInt(Math.max(0, Math.floor(clock.now()))) }],
    ['host_emit_event', { type: EVENT_TYPE, make: eventImport(environment, events), mode: events.mode }],
    ['host_http_request', { type: HTTP_TYPE, make: httpImport(environment, http), mode: http.mode }],
  ]);
}

function missingImports(missing: readonly ImportShape[]): PlugbayError {
  const names = missing.map(
    ({ module, name, kind, type }) => `${module} ${name}: ${type === undefined ? kind : signature(type)}`,
  );
  return new PlugbayError('invalid', `the module imports what nobody provides: ${names.join('; ')}`, {
    hint: 'An ApiQube plugin imports host_log, host_now, host_emit_event and host_http_request from "apiqube", and WASI.',
  });
}

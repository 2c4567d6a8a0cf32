// Guests for tests of the ApiQube ABI: the one in C that does what it is told, and ones in WebAssembly text that do not.
import { readFile } from 'node:fs/promises';
import { compileC, wat } from '@plugbay/testing';

/** The wasm of `../guests/apiqube.c`: `execute` takes `echo x`, `http x`, `event x`, `exchange x`, `log 1 x`, `now`, … */
export async function apiqubeGuest(): Promise<Uint8Array> {
  const source = await readFile(new URL('../guests/apiqube.c', import.meta.url), 'utf8');
  return compileC({ name: 'apiqube', sources: { 'apiqube.c': source } });
}

/** The ABI's imports as WebAssembly text. */
export const IMPORTS = `
  (import "apiqube" "host_log" (func $log (param i32 i32 i32)))
  (import "apiqube" "host_now" (func $now (result i64)))
  (import "apiqube" "host_emit_event" (func $emit (param i32 i32)))
  (import "apiqube" "host_http_request" (func $http (param i32 i32) (result i64)))`;

/** What a plugin must export, as WebAssembly text: one page of memory, with `{}` at 0, and what it is. */
export const REQUIRED = `
  (memory (export "memory") 1)
  (data (i32.const 0) "{}")
  (func (export "plugin_info") (result i64) (i64.const 2))`;

/** An `allocate` that takes from 4,096 on, again and again the same. */
export const ALLOCATE = `
  (func (export "allocate") (param $size i32) (result i64)
    (i64.or (i64.shl (i64.const 4096) (i64.const 32)) (i64.extend_i32_u (local.get $size))))`;

/** A plugin in WebAssembly text: what every one has, and `fields`; imports come first. */
export function plugin(fields: string, imports: string = IMPORTS): Promise<Uint8Array> {
  return wat(`(module ${imports} ${REQUIRED} ${fields})`);
}

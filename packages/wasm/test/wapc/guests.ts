// The guests of the waPC tests: one in C, two in AssemblyScript, and small ones in WebAssembly text.
import { readFile } from 'node:fs/promises';
import { compileAssemblyScript, compileC, wat } from '@plugbay/testing';

/** A guest in C that does what a test asks for, by the operation's name. */
export async function wapcGuest(): Promise<Uint8Array<ArrayBuffer>> {
  return compileC({ name: 'wapc', sources: { 'wapc.c': await source('wapc.c') } });
}

/** A guest on the C library, as a reactor or as a command whose main function ends with `exit(0)`. */
export async function wasiGuest(target: 'wasi-reactor' | 'wasi'): Promise<Uint8Array<ArrayBuffer>> {
  const flags = target === 'wasi' ? ['-DCOMMAND'] : [];
  return compileC({
    name: 'wapc-wasi',
    target,
    flags,
    sources: { 'wapc-wasi.c': await source('wapc-wasi.c') },
  });
}

/** A guest in AssemblyScript without a library, which imports `env.abort`, `env.seed` and `env.trace`. */
export async function handWrittenGuest(): Promise<Uint8Array<ArrayBuffer>> {
  const flags = ['--use', 'abort=~lib/builtins/abort', '--runtime', 'incremental'];
  return compileAssemblyScript(await source('wapc-hand.as'), { name: 'wapc-hand', flags });
}

/** A guest in AssemblyScript with `@wapc/as-guest`. */
export async function libraryGuest(): Promise<Uint8Array<ArrayBuffer>> {
  const flags = ['--use', 'abort=wapc-library/abort', '--runtime', 'incremental'];
  return compileAssemblyScript(await source('wapc-library.as'), { name: 'wapc-library', flags });
}

/** Every import of the ABI, as WebAssembly text; functions are named as they are, without the underscores. */
export function wapc(...names: (keyof typeof WAPC_TYPES)[]): string {
  return names.map((name) => `(import "wapc" "__${name}" (func $${name} ${WAPC_TYPES[name]}))`).join('\n');
}

const WAPC_TYPES = {
  guest_request: '(param i32 i32)',
  guest_response: '(param i32 i32)',
  guest_error: '(param i32 i32)',
  host_call: '(param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)',
  host_response_len: '(result i32)',
  host_response: '(param i32)',
  host_error_len: '(result i32)',
  host_error: '(param i32)',
  console_log: '(param i32 i32)',
} as const;

/** A module in WebAssembly text with one page of memory; `call` is the body of `__guest_call`. */
export function guestText(call: string, fields = '', imports = ''): string {
  return `(module ${imports}
    (memory (export "memory") 1)
    ${fields}
    (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32) ${call}))`;
}

/** As {@link guestText}, built. */
export async function guestOf(call: string, fields = '', imports = ''): Promise<Uint8Array> {
  return wat(guestText(call, fields, imports));
}

function source(file: string): Promise<string> {
  return readFile(new URL(`../guests/${file}`, import.meta.url), 'utf8');
}

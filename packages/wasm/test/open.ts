// Opens a plugin from WebAssembly text with a door of the test's own.
import {
  contentAddress,
  type HostCall,
  type HostDoor,
  type HostReply,
  type Logger,
  type ModuleSource,
  type OpenOptions,
  type PlugbayError,
} from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { createInlineRuntime, type LocalPlugin } from '@plugbay/wasm';

/** Opens it as plugin `sample` of tenant `acme`. */
export async function openWat(source: string, options: Partial<OpenOptions> = {}): Promise<LocalPlugin> {
  return openBytes(await wat(source), options);
}

/** As {@link openWat}, from bytes, with modules that they import from. */
export async function openBytes(
  bytes: Uint8Array,
  options: Partial<OpenOptions> = {},
  links: Record<string, string> = {},
): Promise<LocalPlugin> {
  const linked: ModuleSource[] = [];
  for (const [name, source] of Object.entries(links)) linked.push({ name, bytes: await wat(source) });
  return createInlineRuntime().open(
    { name: 'sample', digest: contentAddress(bytes), bytes, links: linked },
    { tenant: 'acme', door: doorTo({}), ...options },
  );
}

/** A door that answers `namespace.operation` with these functions, and keeps what passed. */
export function doorTo(
  answers: Record<string, (call: HostCall) => HostReply | Promise<HostReply>>,
  asynchronous: readonly string[] = [],
): HostDoor & { calls: HostCall[]; authorised: string[] } {
  const calls: HostCall[] = [];
  const authorised: string[] = [];
  const keyOf = (namespace: string, operation: string): string => `${namespace}.${operation}`;
  const answerOf = ({ namespace, operation }: HostCall) => {
    const answer = answers[keyOf(namespace, operation)];
    if (answer === undefined) throw new Error(`nobody answers ${keyOf(namespace, operation)}`);
    return answer;
  };
  return {
    calls,
    authorised,
    mode(namespace, operation) {
      if (asynchronous.includes(keyOf(namespace, operation))) return 'async';
      return keyOf(namespace, operation) in answers ? 'sync' : undefined;
    },
    callSync(call) {
      calls.push(call);
      return answerOf(call)(call) as HostReply;
    },
    async call(call) {
      calls.push(call);
      return answerOf(call)(call);
    },
    authorise: (namespace, name) => void authorised.push(keyOf(namespace, name)),
  };
}

/** A logger that keeps its lines. */
export function keepingLogger(
  level?: string,
): Logger & { lines: { level: string; facts: object; text: string }[] } {
  const lines: { level: string; facts: object; text: string }[] = [];
  const method = (name: string) => (facts: object | string, text?: string) =>
    void lines.push({ level: name, facts: facts as object, text: text ?? '' });
  return {
    ...(level === undefined ? {} : { level }),
    lines,
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
  };
}

/** The PlugbayError that `run` throws or rejects with. */
export async function failureOf(run: () => unknown): Promise<PlugbayError> {
  try {
    await run();
  } catch (error) {
    return error as PlugbayError;
  }
  throw new Error('nothing was thrown');
}

/** The imports of `extism:host/env` that a test's module uses, as WebAssembly text; functions are named as they are. */
export function env(...names: (keyof typeof ENV_TYPES)[]): string {
  return names
    .map((name) => `(import "extism:host/env" "${name}" (func $${name} ${ENV_TYPES[name]}))`)
    .join('\n');
}

const ENV_TYPES = {
  alloc: '(param i64) (result i64)',
  free: '(param i64)',
  length: '(param i64) (result i64)',
  length_unsafe: '(param i64) (result i64)',
  load_u8: '(param i64) (result i32)',
  load_u64: '(param i64) (result i64)',
  store_u8: '(param i64 i32)',
  store_u64: '(param i64 i64)',
  input_offset: '(result i64)',
  input_length: '(result i64)',
  input_load_u8: '(param i64) (result i32)',
  input_load_u64: '(param i64) (result i64)',
  output_set: '(param i64 i64)',
  error_set: '(param i64)',
  error_get: '(result i64)',
  config_get: '(param i64) (result i64)',
  var_get: '(param i64) (result i64)',
  var_set: '(param i64 i64)',
  http_request: '(param i64 i64) (result i64)',
  http_status_code: '(result i32)',
  http_headers: '(result i64)',
  log_trace: '(param i64)',
  log_debug: '(param i64)',
  log_info: '(param i64)',
  log_warn: '(param i64)',
  log_error: '(param i64)',
  get_log_level: '(result i32)',
} as const;

/** Every import that the ABI defines. */
export const ALL_ENV = Object.keys(ENV_TYPES) as (keyof typeof ENV_TYPES)[];

/** A function `$put` that copies `length` bytes of the module's memory to a new block. Wants `alloc` and `store_u8`. */
export const PUT = `
  (func $put (param $from i32) (param $length i32) (result i64)
    (local $block i64) (local $at i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $length))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $length))
        (then
          (call $store_u8
            (i64.add (local.get $block) (i64.extend_i32_u (local.get $at)))
            (i32.load8_u (i32.add (local.get $from) (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $block))`;

// One test as a plugin gets it, what it answers, and what is wrong with one, as they travel in JSON.
import { messageOf, PlugbayError } from '@plugbay/core';
import { PLUGIN_EVENT, type PluginEvent } from './event.ts';
import { anything, filled, list, map, object, type Reader, readJson, text, whole } from './json.ts';

/** What a plugin is asked to execute or to validate. */
export interface TestInput {
  /** What to do there: an HTTP method, the method of a service, an operation. */
  readonly method?: string | undefined;
  /** What to do it with, below the target: a path, a query. */
  readonly resource?: string | undefined;
  /** Where: a URL, in most protocols. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A duration as its author wrote it: `500ms`, `10s`. */
  readonly timeout?: string | undefined;
  /** What this plugin alone reads, by name; values that JSON has. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** What a plugin answered. A failure that it reports itself is in `error`. What is empty is absent. */
export interface TestOutput {
  /** What its protocol calls a status: a number, a text; null when there is none. */
  readonly status: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What came back; absent when nothing did. */
  readonly body?: unknown;
  /** How long it took, in whole milliseconds, as the plugin measured it. */
  readonly duration_ms: number;
  readonly error?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The events that the answer carries, as the plugin wrote them. */
  readonly events?: readonly PluginEvent[] | undefined;
}

/** One problem with a test. */
export interface FieldError {
  /** The field concerned; empty when it is none of the test's. */
  readonly field: string;
  readonly message: string;
}

// The answer of a plugin that answered nothing.
const EMPTY_TEST_OUTPUT: TestOutput = Object.freeze({ status: null, duration_ms: 0 });

// 1 MiB: ten thousand problems, and nobody reads more than the first of them.
const FIELD_ERRORS_MAX_BYTES = 1024 * 1024;
// 64 MiB: beyond what any runtime lets out of a plugin unless it is told to.
const TEST_OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

const presentBody: Reader<unknown> = (value) => value ?? undefined;

const TEST_OUTPUT: Reader<TestOutput> = object({
  status: anything,
  headers: filled(map(text)),
  body: presentBody,
  duration_ms: whole,
  error: filled(text),
  metadata: filled(map(anything)),
  events: filled(list(PLUGIN_EVENT)),
});
const FIELD_ERRORS: Reader<readonly FieldError[]> = list(object({ field: text, message: text }));

/** What a plugin is given for `input`. @throws PlugbayError `invalid` when a field of it has no JSON. */
export function encodeTestInput({ method, resource, target, headers, timeout, fields }: TestInput): string {
  return stringify({
    method: method || undefined,
    resource: resource || undefined,
    target,
    headers,
    timeout: timeout || undefined,
    fields,
  });
}

/** What a plugin is given as its configuration: null for none. @throws PlugbayError `invalid` when it has no JSON. */
export function encodeConfig(config: Readonly<Record<string, unknown>> | undefined): string {
  return stringify(config ?? null);
}

/** What `execute` answered; nothing is the empty answer. @throws PlugbayError `invalid`, `limit` (64 MiB). */
export function decodeTestOutput(bytes: Uint8Array): TestOutput {
  return bytes.length === 0 ? EMPTY_TEST_OUTPUT : readJson(bytes, TEST_OUTPUT_MAX_BYTES, TEST_OUTPUT);
}

/** What `validate` answered; nothing is no problem. @throws PlugbayError `invalid`, `limit` (1 MiB). */
export function decodeFieldErrors(bytes: Uint8Array): readonly FieldError[] {
  return bytes.length === 0 ? [] : readJson(bytes, FIELD_ERRORS_MAX_BYTES, FIELD_ERRORS);
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new PlugbayError('invalid', `what the plugin is given has no JSON: ${messageOf(cause)}`, { cause });
  }
}

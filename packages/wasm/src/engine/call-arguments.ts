// The edge of a call: what the app hands over is checked here, once, so that everything behind it can trust its types.
import { isUint8Array } from 'node:util/types';
import { type CallOptions, PlugbayError } from '@plugbay/core';

/** Passes for an input that a call takes. @throws PlugbayError `invalid`. */
export function requireInput(input: unknown): asserts input is Uint8Array | string | undefined {
  if (input === undefined || typeof input === 'string') return;
  // Neither another realm's array nor one that lost its bytes is told by its prototype; a proxy of one has no bytes.
  if (!isUint8Array(input)) {
    throw new PlugbayError('invalid', `the input must be a Uint8Array or a string, not ${kindOf(input)}`, {
      hint: 'Wrap an ArrayBuffer or a view of another kind in a Uint8Array; turn a value into JSON yourself.',
    });
  }
  if (input.length === 0 && 'detached' in input.buffer && input.buffer.detached)
    throw new PlugbayError('invalid', 'the input is a Uint8Array whose buffer was transferred elsewhere');
}

/** Passes for options whose values are what they are declared as. @throws PlugbayError `invalid` that names the option. */
export function requireOptions(options: unknown): asserts options is CallOptions {
  if (typeof options !== 'object' || options === null)
    throw new PlugbayError('invalid', `a call's options must be an object, not ${kindOf(options)}`);
  const { timeoutMs, signal, invocation } = options as Readonly<Record<keyof CallOptions, unknown>>;
  if (timeoutMs !== undefined) requireNumber('timeoutMs', timeoutMs);
  if (signal !== undefined && !isSignal(signal))
    throw new PlugbayError('invalid', `"signal" must be an AbortSignal, not ${kindOf(signal)}`);
  if (invocation === undefined) return;
  if (typeof invocation !== 'object' || invocation === null)
    throw new PlugbayError('invalid', `"invocation" must be an object, not ${kindOf(invocation)}`);
  const { deadline } = invocation as { readonly deadline?: unknown };
  if (deadline !== undefined) requireNumber('invocation.deadline', deadline);
}

// Not a number is no time at all: nothing would ever be later.
function requireNumber(name: string, value: unknown): void {
  if (typeof value === 'number' && !Number.isNaN(value)) return;
  const found = typeof value === 'number' ? 'NaN' : kindOf(value);
  throw new PlugbayError('invalid', `"${name}" must be a number of milliseconds, not ${found}`);
}

function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'another object' : typeof value;
}

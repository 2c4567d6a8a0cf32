// Errors on their way from a thread to its host, and back: as text, with the host's own errors by number.
import { type ErrorCode, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import { internalError } from '../../abi/trap.ts';

/** What the host's side threw: it keeps the value, and a thread knows it by its number. */
export type HostErrorNumber = number;

interface Packed {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly host?: HostErrorNumber | undefined;
  readonly cause?: Packed | Foreign | undefined;
}

interface Foreign {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly host?: HostErrorNumber | undefined;
}

/** What stands on a thread for what the host threw. */
export interface StandIn {
  readonly thrown: Error;
  readonly number: HostErrorNumber | undefined;
}

// 16 KiB: more than a stack of V8's usual ten lines, whose names are the module's own.
const STACK_CHARACTERS = 16 * 1024;

// Causes of causes: a plugin's error, the host's failure, what the app threw.
const DEEPEST = 4;

/** What the host throws at a guest, as text; it keeps the value by this number. */
export function packThrown(thrown: unknown, number: HostErrorNumber): string {
  const error = internalError(thrown);
  return JSON.stringify(error === thrown ? pack(error, () => number, 0) : foreign(thrown, number));
}

/** What {@link packThrown} wrote, for an ABI to make of it what it would make of the value itself. */
export function unpackThrown(text: string): StandIn {
  const packed = JSON.parse(text) as Packed | Foreign;
  const thrown = 'code' in packed ? unpack(packed, () => undefined) : foreignError(packed);
  return { thrown, number: packed.host };
}

/** An error as text. `numberOf` knows what stands for something that the host threw. */
export function packError(
  error: PlugbayError,
  numberOf: (error: unknown) => HostErrorNumber | undefined,
): string {
  return JSON.stringify(pack(error, numberOf, 0));
}

/** The error in a text. `known` finds what the host threw. */
export function unpackError(text: string, known: (number: HostErrorNumber) => unknown): PlugbayError {
  return unpack(JSON.parse(text) as Packed, known);
}

function pack(
  error: PlugbayError,
  numberOf: (error: unknown) => HostErrorNumber | undefined,
  depth: number,
): Packed {
  const { code, message, hint, cause } = error;
  const host = numberOf(error);
  if (host !== undefined || cause === undefined || depth >= DEEPEST) return { code, message, hint, host };
  if (isPlugbayError(cause)) return { code, message, hint, cause: pack(cause, numberOf, depth + 1) };
  return { code, message, hint, cause: foreign(cause, numberOf(cause)) };
}

// A proxy may not let itself be looked at.
function foreign(thrown: unknown, host: HostErrorNumber | undefined): Foreign {
  const message = messageOf(thrown);
  try {
    if (thrown instanceof Error)
      return { name: String(thrown.name), message, stack: thrown.stack?.slice(0, STACK_CHARACTERS), host };
  } catch {
    return { name: 'Error', message, stack: undefined, host };
  }
  return { name: 'Error', message, stack: undefined, host };
}

function unpack(packed: Packed, known: (number: HostErrorNumber) => unknown): PlugbayError {
  const original = packed.host === undefined ? undefined : known(packed.host);
  // Only what is one is packed as one.
  if (original !== undefined) return original as PlugbayError;
  const { code, message, hint, cause } = packed;
  if (cause === undefined) return new PlugbayError(code, message, { hint });
  return new PlugbayError(code, message, {
    hint,
    cause: 'code' in cause ? unpack(cause, known) : unpackForeign(cause, known),
  });
}

function unpackForeign(cause: Foreign, known: (number: HostErrorNumber) => unknown): unknown {
  return cause.host === undefined ? foreignError(cause) : known(cause.host);
}

// Whoever looks for a trap looks for V8's own class.
function foreignError({ name, message, stack }: Foreign): Error {
  const Kind = { RuntimeError: WebAssembly.RuntimeError, RangeError, TypeError }[name] ?? Error;
  const error = new Kind(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

// Errors on their way from a thread to its host, and back: as text, with the host's own errors by number.
import { type ErrorCode, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';

/** An error that the host keeps, and a thread knows by its number. */
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
}

// 16 KiB: more than a stack of V8's usual ten lines, whose names are the module's own.
const STACK_CHARACTERS = 16 * 1024;

// Causes of causes: a plugin's error, the host's failure, what the app threw.
const DEEPEST = 4;

/** An error as text. `numberOf` knows those that came from the host. */
export function packError(
  error: PlugbayError,
  numberOf: (error: unknown) => HostErrorNumber | undefined,
): string {
  return JSON.stringify(pack(error, numberOf, 0));
}

/** The error in a text. `known` finds the host's own. */
export function unpackError(
  text: string,
  known: (number: HostErrorNumber) => PlugbayError | undefined,
): PlugbayError {
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
  const known = cause instanceof Error;
  const stack = known ? cause.stack?.slice(0, STACK_CHARACTERS) : undefined;
  return {
    code,
    message,
    hint,
    cause: { name: known ? cause.name : 'Error', message: messageOf(cause), stack },
  };
}

function unpack(packed: Packed, known: (number: HostErrorNumber) => PlugbayError | undefined): PlugbayError {
  const original = packed.host === undefined ? undefined : known(packed.host);
  if (original !== undefined) return original;
  const { code, message, hint, cause } = packed;
  if (cause === undefined) return new PlugbayError(code, message, { hint });
  return new PlugbayError(code, message, {
    hint,
    cause: 'code' in cause ? unpack(cause, known) : foreignError(cause),
  });
}

// Whoever looks for a trap looks for V8's own class.
function foreignError({ name, message, stack }: Foreign): Error {
  const Kind = { RuntimeError: WebAssembly.RuntimeError, RangeError, TypeError }[name] ?? Error;
  const error = new Kind(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

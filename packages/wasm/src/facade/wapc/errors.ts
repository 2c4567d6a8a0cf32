// The error classes of the waPC project's host for JavaScript. Ours have the codes of PlugbayError as well, and their causes.
import { type ErrorCode, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';

class MatchableError extends PlugbayError {
  /** A pattern that finds this error's message in another text. */
  matcher(): RegExp {
    return new RegExp(this.message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  }
}

/** Thrown at a plugin that makes a host call where nobody answers any: `not_found`. */
export class HostCallNotImplementedError extends MatchableError {
  constructor(binding: string, namespace: string, operation: string) {
    super(
      'not_found',
      `Host call not implemented. Guest called host with binding = '${binding}', namespace = '${namespace}', & operation = '${operation}'`,
    );
  }
}

/** The bytes are no WebAssembly module, or one that cannot be compiled: `invalid`, or the code of its cause. */
export class InvalidWasm extends MatchableError {
  constructor(error: Error) {
    super(codeOf(error), `Invalid wasm binary: ${messageOf(error)}`, { cause: error });
  }
}

/** A response cannot be made a plugin: `invalid`, or the code of its cause. */
export class StreamingFailure extends MatchableError {
  constructor(error: Error) {
    super(codeOf(error), `Could not instantiate from Response object: ${messageOf(error)}`, { cause: error });
  }
}

function codeOf(error: Error): ErrorCode {
  return isPlugbayError(error) ? error.code : 'invalid';
}

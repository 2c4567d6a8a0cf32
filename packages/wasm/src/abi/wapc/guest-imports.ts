// What a guest tells its host of the call: it takes the request, and hands over a response, an error or a line for the log.
import { PlugbayError } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { writeLine } from '../log.ts';
import { decodeErrorText, errorTextBytes } from './error-text.ts';
import type { ImportMaker } from './state.ts';

// Guests cut lines anywhere, and so do we: a broken character at the end is no reason to lose the line.
const lenient = new TextDecoder();

/** The imports by which a guest serves its call, by name. */
export function guestImports(environment: Environment): ReadonlyMap<string, ImportMaker> {
  const { outputBytes, logLineBytes } = environment.limits;
  const request: ImportMaker = (state) => (operationAt: number, payloadAt: number) => {
    const { operation, payload, memory } = state;
    const operationStart = state.locate('__guest_request', operationAt, operation.length);
    const payloadStart = state.locate('__guest_request', payloadAt, payload.length);
    state.call.chargeCopy(operation.length + payload.length);
    memory.write(operation, operationStart);
    memory.write(payload, payloadStart);
  };
  const respond: ImportMaker = (state) => (at: number, length: number) => {
    const start = state.locate('__guest_response', at, length);
    const bytes = length >>> 0;
    if (bytes > outputBytes) throw state.call.failed(tooLong(bytes, outputBytes));
    state.call.chargeCopy(bytes);
    // Now, because the guest may use the memory for something else before it returns.
    state.response = state.memory.copy(start, bytes);
  };
  const fail: ImportMaker = (state) => (at: number, length: number) => {
    const start = state.locate('__guest_error', at, length);
    const bytes = errorTextBytes(length >>> 0);
    state.call.chargeCopy(bytes);
    state.error = decodeErrorText(state.memory.view(start, bytes));
  };
  const log: ImportMaker = (state) => (at: number, length: number) => {
    const start = state.locate('__console_log', at, length);
    const bytes = Math.min(length >>> 0, logLineBytes);
    state.call.chargeCopy(bytes);
    writeLine(environment, state, 'info', () => lenient.decode(state.memory.view(start, bytes)));
  };
  return new Map([
    ['__guest_request', request],
    ['__guest_response', respond],
    ['__guest_error', fail],
    ['__console_log', log],
  ]);
}

function tooLong(bytes: number, outputBytes: number): PlugbayError {
  return new PlugbayError('limit', `the output has ${bytes} bytes; outputBytes is ${outputBytes}`);
}

// The guest's HTTP: its request goes out as it wrote it, and whoever answers reads it; the answer comes back the same way.
import type { HostReply } from '@plugbay/core';
import type { FunctionType } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import type { HostCaller } from '../host-caller.ts';
import { resuming } from '../suspension.ts';
import { waitingImport } from '../waiting.ts';
import type { ImportMaker, InstanceState } from './state.ts';

/** The type of `host_http_request`. */
export const HTTP_TYPE: FunctionType = { parameters: ['i32', 'i32'], results: ['i64'] };

/** Characters of an error's text that a guest is answered: 4,096 hold every message, and fit into any guest's memory. */
export const ERROR_CHARACTERS = 4_096;

/** What a guest is told that may not use HTTP. */
export const NOT_GRANTED = 'the http capability is not granted to this plugin';

/** `host_http_request`: a packed value of an HTTPResponse, which says what failed, or 0n when the guest's memory is not as it says. */
export function httpImport(environment: Environment, caller: HostCaller): ImportMaker {
  return (state) => {
    const finish = (reply: HostReply): bigint => answerReply(state, reply);
    const resume = resuming(state, finish, (thrown) => caller.refuse(state, thrown));
    const now = (request: Uint8Array): unknown => finish(caller.now(state, request));
    const later = (request: Uint8Array): unknown => resume(caller.later(state, request));
    const ask = (at: number, length: number, through: (request: Uint8Array) => unknown): unknown => {
      const request = state.read(at, length);
      if (request === undefined) return 0n;
      return caller.mode === undefined ? refuse(state) : through(request);
    };
    return waitingImport(environment, caller.mode, HTTP_TYPE, {
      now: (at: number, length: number) => ask(at, length, now),
      later: (at: number, length: number) => ask(at, length, later),
    });
  };
}

// A guest that asks again and again is charged as if somebody answered.
function refuse(state: InstanceState): bigint {
  state.call.countHostCall();
  return state.answer(failure(NOT_GRANTED));
}

function answerReply(state: InstanceState, { bytes, error }: HostReply): bigint {
  return state.answer(error === undefined ? bytes : failure(error || 'the HTTP request failed'));
}

function failure(error: string): string {
  return JSON.stringify({ status: 0, duration_ms: 0, error: error.slice(0, ERROR_CHARACTERS) });
}

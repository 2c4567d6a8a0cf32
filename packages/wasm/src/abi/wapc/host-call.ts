// Host calls: one import for all of them. What fails is the guest's host error, which it may live with, unless it ends the call.
import { type HostCall, type HostReply, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { requireReply } from '../host-caller.ts';
import type { Names } from '../names.ts';
import { isThenable, resuming } from '../suspension.ts';
import { hostError } from '../trap.ts';
import { waitingImport } from '../waiting.ts';
import { HOST_CALL, HOST_CALL_TYPE } from './signatures.ts';
import type { WapcState } from './state.ts';

const [FAILED, SUCCEEDED] = [0, 1];

// Binding, namespace, operation and payload, each as a pointer and a length.
type HostCallFunction = (
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
) => unknown;

/**
 * `__host_call` for one instance. What the door throws is told to the guest, which gets 0: so waPC guests are written, and a router
 * does not tell a callback's refusal from its crash. What ends the call instead: its limits, its deadline and its caller's signal, an
 * answer that is none, and a stack that ended.
 */
export function hostCallImport(environment: Environment, state: WapcState, names: Names): unknown {
  const { door } = environment;
  let asked: HostCall;
  const text = (at: number, length: number): string => {
    const start = state.locate(HOST_CALL, at, length);
    state.call.chargeCopy(length >>> 0);
    try {
      return names.text(state.memory.live, start, length >>> 0);
    } catch (thrown) {
      throw state.call.failed(notText(thrown));
    }
  };
  const ask = (
    linkAt: number,
    linkLength: number,
    namespaceAt: number,
    namespaceLength: number,
    operationAt: number,
    operationLength: number,
    at: number,
    length: number,
  ): HostCall => {
    const { call, memory } = state;
    state.forgetHostAnswer();
    call.countHostCall();
    const link = text(linkAt, linkLength);
    const namespace = text(namespaceAt, namespaceLength);
    const operation = text(operationAt, operationLength);
    const start = state.locate(HOST_CALL, at, length);
    call.chargeCopy(length >>> 0);
    const payload = memory.copy(start, length >>> 0);
    const { invocation, context, signal } = call;
    asked = { link, namespace, operation, payload, invocation, context, signal };
    return asked;
  };
  const finish = (answer: HostReply): number => {
    const { bytes, error } = checked(state, asked, answer);
    state.hostResponse = bytes;
    if (error === undefined) return SUCCEEDED;
    state.failHostCall(error || `${nameOf(asked)} failed`);
    return FAILED;
  };
  const refuse = (thrown: unknown): number => {
    const { call } = state;
    if (call.failure !== undefined) throw call.failure;
    if (isOwnCrash(thrown)) throw call.failed(thrown);
    state.failHostCall(messageOf(thrown) || `${nameOf(asked)} failed`, thrown);
    return FAILED;
  };
  const resume = resuming(state, finish, refuse);
  // With as many parameters as the import has, because V8 calls such a function without gathering its arguments.
  const now: HostCallFunction = (a, b, c, d, e, f, g, h) => {
    const call = ask(a, b, c, d, e, f, g, h);
    let reply: HostReply;
    try {
      reply = door.callSync(call);
    } catch (thrown) {
      return refuse(thrown);
    }
    return finish(reply);
  };
  const later: HostCallFunction = (a, b, c, d, e, f, g, h) => {
    const call = ask(a, b, c, d, e, f, g, h);
    let reply: Promise<HostReply>;
    try {
      reply = door.call(call);
    } catch (thrown) {
      return refuse(thrown);
    }
    return resume(reply);
  };
  const mode = door.asynchronous === true ? 'async' : 'sync';
  return waitingImport(environment, mode, HOST_CALL_TYPE, { now, later });
}

// The app's own code answers: a guest must not get what is none, nor be told of it by an error that it can live with.
function checked(state: WapcState, asked: HostCall, answer: HostReply): HostReply {
  try {
    // Nobody else waits for it, and how it ends does not matter any more.
    if (isThenable(answer)) answer.then(undefined, () => undefined);
    return requireReply(answer);
  } catch (thrown) {
    throw state.call.failed(hostError(`host call ${nameOf(asked)}`, thrown));
  }
}

// A stack that ended in what the guest called: nobody knows how far that got. The crash of another plugin is an answer.
function isOwnCrash(thrown: unknown): boolean {
  return !isPlugbayError(thrown) && hostError('', thrown).code === 'trap';
}

function notText(thrown: unknown): PlugbayError {
  return new PlugbayError('invalid', `${HOST_CALL}: ${messageOf(thrown)}`, { cause: thrown });
}

function nameOf({ namespace, operation }: HostCall): string {
  return `${namespace}.${operation}`;
}

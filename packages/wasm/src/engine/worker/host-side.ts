// Answers what the guests of one plugin ask of their host: host calls by its door, host functions by the app's own.
import { type HostFunction, type HostReply, PlugbayError } from '@plugbay/core';
import type { Environment } from '../../abi/environment.ts';
import { FunctionContext } from '../../abi/extism/context.ts';
import { requireReply } from '../../abi/host-caller.ts';
import { isThenable } from '../../abi/suspension.ts';
import { decodeArguments, encodeResult } from './host-values.ts';
import { KIND } from './layout.ts';
import type { Part } from './parcel.ts';
import type { Task } from './task.ts';

/** An answer's parts, without news of variables; none for what is no answer, so that the guest's own side says so. */
export type Answered = readonly Part[];

/** A host function and its name. */
export interface NamedFunction {
  readonly namespace: string;
  readonly name: string;
  readonly body: HostFunction;
}

const decoder = new TextDecoder();

/** The host of one plugin. */
export class HostSide {
  readonly #environment: Environment;
  readonly #functions: readonly NamedFunction[];

  constructor(environment: Environment, functions: readonly NamedFunction[]) {
    this.#environment = environment;
    this.#functions = functions;
  }

  /** Answers one question: at once where its callback is synchronous. @throws what the callback throws, or rejects with it. */
  answer(task: Task, kind: number, parts: readonly Uint8Array[]): Answered | Promise<Answered> {
    return kind === KIND.hostFunction
      ? this.#callFunction(task, parts[1] as Uint8Array)
      : this.#callHost(task, parts.slice(1));
  }

  #callHost({ call }: Task, parts: readonly Uint8Array[]): Answered | Promise<Answered> {
    const [link, namespace, operation] = parts.slice(0, 3).map((part) => decoder.decode(part)) as [
      string,
      string,
      string,
    ];
    const payload = parts[3] as Uint8Array;
    const { door } = this.#environment;
    const { invocation, context, signal } = call;
    const hostCall = { link, namespace, operation, payload, invocation, context, signal };
    if (door.mode(namespace, operation) !== 'async') return replyParts(door.callSync(hostCall));
    return Promise.resolve(door.call(hostCall)).then(replyParts);
  }

  #callFunction({ call, instance }: Task, encoded: Uint8Array): Answered | Promise<Answered> {
    const { index, values } = decodeArguments(encoded);
    const { body } = this.#functions[index] as NamedFunction;
    const { exchange } = instance;
    const { variables } = this.#environment;
    if (exchange === undefined || variables === undefined)
      throw new PlugbayError('internal', 'a host function is called without an exchange memory');
    const result: unknown = body(new FunctionContext(call, exchange, variables), ...values);
    if (!isThenable(result)) return [encodeResult(result)];
    return Promise.resolve(result).then((value) => [encodeResult(value)]);
  }
}

function replyParts(reply: HostReply): Answered {
  try {
    const { bytes, error } = requireReply(reply);
    return error === undefined ? [bytes] : [bytes, error];
  } catch {
    // Nobody else waits for it, and how it ends does not matter any more.
    if (isThenable(reply)) reply.then(undefined, () => undefined);
    return [];
  }
}

// Answers what the guests of one plugin ask of their host: host calls by its door, host functions by the app's own.
import { type HostFunction, PlugbayError } from '@plugbay/core';
import type { Environment } from '../../abi/environment.ts';
import { FunctionContext } from '../../abi/extism/context.ts';
import { requireReply } from '../../abi/host-caller.ts';
import { isThenable } from '../../abi/suspension.ts';
import { hostError } from '../../abi/trap.ts';
import { decodeArguments, encodeResult } from './host-values.ts';
import { KIND } from './layout.ts';
import type { Part } from './parcel.ts';
import type { Task } from './task.ts';

/** An answer's parts, without news of variables. @throws PlugbayError why there is none. */
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

  /** Answers one question: at once where its callback is synchronous. @throws PlugbayError, or rejects with one. */
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
    const accept = (reply: unknown): Answered => {
      const { bytes, error } = requireReply(reply as never);
      return error === undefined ? [bytes] : [bytes, error];
    };
    const refuse = (thrown: unknown): never => {
      throw hostError(`host call ${namespace}.${operation}`, thrown);
    };
    try {
      if (door.mode(namespace, operation) === 'async') return door.call(hostCall).then(accept).catch(refuse);
      return accept(door.callSync(hostCall));
    } catch (thrown) {
      return refuse(thrown);
    }
  }

  #callFunction({ call, instance }: Task, encoded: Uint8Array): Answered | Promise<Answered> {
    const { index, values } = decodeArguments(encoded);
    const { namespace, name, body } = this.#functions[index] as NamedFunction;
    const refuse = (thrown: unknown): never => {
      throw hostError(`host function ${namespace}/${name}`, thrown);
    };
    const { exchange } = instance;
    const { variables } = this.#environment;
    if (exchange === undefined || variables === undefined)
      throw new PlugbayError('internal', 'a host function is called without an exchange memory');
    try {
      const result: unknown = body(new FunctionContext(call, exchange, variables), ...values);
      if (!isThenable(result)) return [encodeResult(result)];
      return Promise.resolve(result).then((value) => [encodeResult(value)], refuse);
    } catch (thrown) {
      return refuse(thrown);
    }
  }
}

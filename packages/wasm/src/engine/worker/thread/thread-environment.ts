// What surrounds a plugin on a thread: its host, through the line.
import {
  type Clock,
  type HostCall,
  type HostDoor,
  type HostFunction,
  type HostFunctions,
  type HostReply,
  type Logger,
  type LogLevel,
  type LogMethod,
  systemClock,
} from '@plugbay/core';
import { Closing } from '../../../abi/closing.ts';
import type { Environment } from '../../../abi/environment.ts';
import { FunctionContext } from '../../../abi/extism/context.ts';
import { Allowance } from '../../../abi/extism/sdk/allowance.ts';
import { Variables } from '../../../abi/variables.ts';
import { inTwoForms } from '../../../abi/waiting.ts';
import { decodeResult, encodeArguments } from '../host-values.ts';
import { KIND } from '../layout.ts';
import { modeKey, type PluginSetup } from '../messages.ts';
import { SharedVariables, type Unheard } from '../variables.ts';
import type { HostLine } from './host-line.ts';
import type { ThreadWaiting } from './thread-waiting.ts';

type Answer = readonly Uint8Array[];

/** The environment of one plugin on one thread. */
export class ThreadEnvironment implements Environment {
  readonly plugin: string;
  readonly tenant: string;
  readonly limits: Environment['limits'];
  readonly config: Environment['config'];
  readonly wasi: Environment['wasi'];
  readonly metered: boolean;
  readonly keepNames: boolean;
  readonly keepsCommands: boolean;
  readonly door: HostDoor;
  readonly functions: HostFunctions;
  readonly variables: SharedVariables;
  readonly logger: Logger;
  readonly waiting: ThreadWaiting;
  /** What the plugin may have in the SDK's terms; undefined for one that is not shown as the SDK does. */
  readonly allowance: Allowance | undefined;
  /** What of the variables the host has not heard of. */
  readonly unheard: Unheard;
  readonly clock: Clock = systemClock;
  readonly closing: Closing = new Closing(undefined);
  readonly #line: HostLine;
  readonly #id: number;
  #logLevel: string | undefined;

  constructor(setup: PluginSetup, line: HostLine, waiting: ThreadWaiting) {
    this.plugin = setup.name;
    this.tenant = setup.tenant;
    this.limits = setup.limits;
    this.config = setup.config;
    this.wasi = setup.wasi;
    this.metered = setup.metered;
    this.keepNames = setup.keepNames;
    this.keepsCommands = setup.keepsCommands;
    this.waiting = waiting;
    this.#line = line;
    this.#id = setup.id;
    this.#logLevel = setup.logLevel;
    this.allowance =
      setup.sdk === undefined ? undefined : new Allowance(setup.sdk, (text) => this.logger.error(text));
    this.variables = new SharedVariables(
      this.allowance?.variables ?? new Variables(setup.limits.variableBytes),
    );
    this.variables.hear(setup.variables);
    this.unheard = this.variables.follow();
    this.door = this.#door(setup);
    this.functions = this.#functions(setup);
    this.logger = this.#logger();
  }

  /** The host knows the real ones. */
  newInvocationId(): string {
    return '';
  }

  /** From now on, lines of lower levels than this are not written. */
  set logLevel(level: string | undefined) {
    this.#logLevel = level;
  }

  #door({ modes, asynchronous }: PluginSetup): HostDoor {
    const question = ({ link, namespace, operation, payload }: HostCall) =>
      [this.#news(), link, namespace, operation, payload] as const;
    return {
      asynchronous,
      mode: (namespace, operation) => {
        const key = modeKey(namespace, operation);
        // What is not imported by its name has to be asked for.
        return modes.has(key) ? modes.get(key) : 'async';
      },
      callSync: (call) => this.#reply(this.#line.askNow(KIND.hostCall, question(call))),
      call: async (call) => this.#reply(await this.#line.askLater(KIND.hostCall, question(call))),
      // The host has looked before it sent the plugin here.
      authorise: () => undefined,
    };
  }

  #functions({ functions }: PluginSetup): HostFunctions {
    const all: Record<string, Record<string, HostFunction>> = Object.create(null);
    for (const [index, [namespace, name]] of functions.entries()) {
      all[namespace] ??= Object.create(null) as Record<string, HostFunction>;
      (all[namespace] as Record<string, HostFunction>)[name] = this.#function(index);
    }
    return all;
  }

  #function(index: number): HostFunction {
    const question = (context: unknown, values: readonly (number | bigint)[]) => {
      if (context instanceof FunctionContext) this.#line.attach(context.exchange.memory);
      return [this.#news(), encodeArguments(index, values)] as const;
    };
    // It is told that the host may have worked on the exchange memory.
    const result = (context: unknown, answer: Answer): number | bigint => {
      if (context instanceof FunctionContext) context.exchange.measure();
      return decodeResult(answer[1] as Uint8Array) as number | bigint;
    };
    return inTwoForms(
      (context, ...values) =>
        result(context, this.#line.askNow(KIND.hostFunction, question(context, values))),
      async (context, ...values) =>
        result(context, await this.#line.askLater(KIND.hostFunction, question(context, values))),
    );
  }

  #reply(answer: Answer): HostReply {
    const [, bytes, error] = answer as [Uint8Array, Uint8Array, Uint8Array | undefined];
    return error === undefined ? { bytes } : { bytes, error: Buffer.from(error).toString() };
  }

  #news(): Uint8Array {
    return this.variables.tell(this.unheard);
  }

  #logger(): Logger {
    const write =
      (level: LogLevel): LogMethod =>
      (facts: object | string, line?: string) =>
        this.#line.post({
          type: 'log',
          plugin: this.#id,
          level,
          facts: typeof facts === 'string' ? {} : facts,
          line: typeof facts === 'string' ? facts : (line ?? ''),
        });
    const self = this;
    return {
      get level() {
        return self.#logLevel;
      },
      trace: write('trace'),
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    } as Logger;
  }
}

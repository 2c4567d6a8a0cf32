// The one door out: what a plugin asks of its host passes a HostDoor, every time.
import type { Invocation } from './invocation.ts';

/** A plugin asking its host for something. */
export interface HostCall {
  /** What waPC calls the binding: which of several configured back ends is meant; empty for the only one. */
  readonly link: string;
  /** The capability asked for. */
  readonly namespace: string;
  /** What it shall do. */
  readonly operation: string;
  /** The request's bytes; owned by the callback. */
  readonly payload: Uint8Array;
  /** The invocation during which the plugin asks. */
  readonly invocation: Invocation;
  /** The `context` of the call during which the plugin asks. */
  readonly context?: unknown;
  /** Aborted when the plugin's call ends early. */
  readonly signal: AbortSignal;
}

/** The answer to a {@link HostCall}. Both can be set: some guests' libraries read bytes beside an error. */
export interface HostReply {
  readonly bytes: Uint8Array;
  readonly error?: string;
}

/** Answers host calls for one plugin of one tenant: the router with identity and grants around it, or a fake. */
export interface HostDoor {
  /** How calls of this name are answered, as declared; undefined when nobody answers them. */
  mode(namespace: string, operation: string): 'sync' | 'async' | undefined;
  /**
   * Whether anything that this plugin may ask for is answered asynchronously, as declared when the plugin is opened: a module whose host
   * calls are all of one import has to know before it asks. @default false
   */
  readonly asynchronous?: boolean | undefined;
  /** Answers at once. @throws PlugbayError `denied`, `not_found`, `unsupported` (declared async), or the callback's own. */
  callSync(call: HostCall): HostReply;
  /** Answers. @throws PlugbayError `denied`, `not_found`, or the callback's own. */
  call(call: HostCall): Promise<HostReply>;
  /** Passes when this plugin may use the host function. @throws PlugbayError `denied`. */
  authorise(namespace: string, name: string): void;
}

/** What a host function sees of the call it serves. Offsets and handles are of the exchange memory; 0n is null. */
export interface HostFunctionContext {
  /** The `context` of the call, by reference. */
  readonly context: unknown;
  /** The invocation of the call. */
  readonly invocation: Invocation;
  /** A copy of a block's bytes; undefined when `offset` is not the start of a live block. */
  read(offset: bigint): Uint8Array | undefined;
  /** A block's bytes as UTF-8. @throws PlugbayError `invalid` when they are not. */
  text(offset: bigint): string | undefined;
  /** Bytes of the block that starts at `offset`; 0 when none does. */
  length(offset: bigint): number;
  /** A new zeroed block of `bytes` bytes. @throws PlugbayError `limit` beyond `exchangeBytes`. */
  alloc(bytes: number): bigint;
  /** A new block with this content; 0n for empty content. @throws PlugbayError `limit` beyond `exchangeBytes`. */
  store(content: Uint8Array | string): bigint;
  /** Fails the plugin's call with this text, when it ends; undefined takes it back. */
  setError(message: string | undefined): void;
  /** A copy of a variable's value. */
  getVariable(name: string): Uint8Array | undefined;
  /** Sets a variable. @throws PlugbayError `limit` beyond `variableBytes`. */
  setVariable(name: string, value: Uint8Array | string): void;
  deleteVariable(name: string): void;
}

/** What a host function answers: i64 travels as bigint, other numbers as number; nothing where the import has no result. */
export type HostFunctionResult = number | bigint | undefined | void;

/**
 * A typed wasm import that the embedding app provides itself: trusted, low level. One that answers with a promise is an `async`
 * function or declared with `asynchronous`.
 */
export type HostFunction = (
  context: HostFunctionContext,
  ...args: (number | bigint)[]
) => HostFunctionResult | Promise<HostFunctionResult>;

/** Host functions by import namespace and name. */
export type HostFunctions = Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;

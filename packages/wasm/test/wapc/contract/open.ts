// How a test of the contract opens a plugin, and the doors that it opens it with.
import type { HostCall, HostDoor, HostReply, OpenOptions, Plugin } from '@plugbay/core';
import { doorTo, failureOf } from '../../open.ts';

/** Opens plugin `sample` of tenant `acme` on the engine that is tested. A module that is refused is refused by this. */
export type OpenWapc = (bytes: Uint8Array, options?: Partial<OpenOptions>) => Promise<Plugin>;

/** What an answer to a host call may be. */
export type Answer = (call: HostCall) => HostReply | Promise<HostReply>;

/** A door that answers `sample.hello` at once, and keeps what passed. */
export function door(answer: Answer): HostDoor & { readonly calls: HostCall[] } {
  return doorTo({ 'sample.hello': answer });
}

/** A door whose answers are promises. */
export function laterDoor(answer: Answer): HostDoor & { readonly calls: HostCall[] } {
  const made = doorTo({ 'sample.hello': answer }, ['sample.hello']);
  return Object.assign(made, { asynchronous: true });
}

/** A payload for the operations of the guest in C that make a host call. */
export function asking(payload: string | Uint8Array = 'Simon'): Uint8Array {
  return Buffer.concat([Buffer.from('myBinding\0sample\0hello\0'), Buffer.from(payload)]);
}

/** A reply with these bytes, and an error when there is one. */
export function reply(content: string | Uint8Array, error?: string): HostReply {
  return { bytes: Uint8Array.from(Buffer.from(content)), ...(error === undefined ? {} : { error }) };
}

/** What a call answers, as text. */
export async function textOf(
  plugin: Plugin,
  operation: string,
  input?: Uint8Array | string,
): Promise<string> {
  return (await plugin.call(operation, input)).text();
}

/** Code and message of what a call or an opening fails with. */
export async function refusalOf(run: () => unknown): Promise<[code: string, message: string]> {
  const { code, message } = await failureOf(run);
  return [code, message];
}

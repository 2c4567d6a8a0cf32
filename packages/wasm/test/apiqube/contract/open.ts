// How the contract's tests open plugins, and what several of them use.
import type { HostReply, OpenOptions, Plugin } from '@plugbay/core';
import { onTestFinished } from 'vitest';
import { ALLOCATE, apiqubeGuest, plugin } from '../guest.ts';

/** Opens a module as plugin `sample` of tenant `acme`; without a door in `options`, nobody answers host calls. */
export type OpenPlugin = (bytes: Uint8Array, options?: Partial<OpenOptions>) => Promise<Plugin>;

/** Opens plugins that their test closes. */
export interface Opening {
  open: OpenPlugin;
  /** The guest in C. */
  openGuest(options?: Partial<OpenOptions>): Promise<Plugin>;
  /** A module of these fields, in WebAssembly text, beside what every plugin has. */
  openFields(fields: string, options?: Partial<OpenOptions>): Promise<Plugin>;
}

/** Those of an engine. */
export function openingOn(engine: OpenPlugin): Opening {
  const open: OpenPlugin = async (bytes, options) => closing(await engine(bytes, options));
  return {
    open,
    openGuest: async (options) => open(await apiqubeGuest(), options),
    openFields: async (fields, options) => open(await plugin(fields), options),
  };
}

// A test's plugins are closed when it is over, however it ends.
function closing(opened: Plugin): Plugin {
  onTestFinished(() => opened.close());
  return opened;
}

/** The text that `execute` answers with. */
export async function execute(opened: Plugin, input?: string | Uint8Array): Promise<string> {
  return (await opened.call('execute', input)).text();
}

/** Names of host calls, for doors. */
export const HTTP = 'apiqube.http_request';
export const EVENT = 'apiqube.emit_event';

/** A plugin whose `execute` asks for HTTP again and again. */
export const ASKING_FOR_EVER: string = `${ALLOCATE} (func (export "execute") (param i64) (result i64)
  (loop $again (drop (call $http (i32.const 0) (i32.const 2))) (br $again)) (i64.const 0))`;

/** A host's answer. */
export function reply(text: string): HostReply {
  return { bytes: Buffer.from(text) };
}

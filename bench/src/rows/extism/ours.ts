// Plugins on our inline engine.
import {
  contentAddress,
  type HostDoor,
  type HostFunctionContext,
  type HostFunctions,
  PlugbayError,
  type Plugin,
  type PluginOutput,
  type PluginSource,
  type Runtime,
} from '@plugbay/core';
import { createInlineRuntime } from '@plugbay/wasm';
import type { Opened, Side, Work } from './work.ts';

/** Our side: one runtime, as an app has one. */
export function ours(): Side {
  const runtime = createInlineRuntime();
  return {
    async load(bytes, work) {
      const source = { name: work.guest, digest: contentAddress(bytes), bytes };
      return async () => awaited(await openPlugin(runtime, source, work), work);
    },
    open: async (bytes, work) => awaited(await openPlugin(runtime, { name: work.guest, bytes }, work), work),
  };
}

/** A plugin of ours that answers at once. */
export async function openSync(bytes: Uint8Array<ArrayBuffer>, work: Work): Promise<Opened> {
  const plugin = await openPlugin(createInlineRuntime(), { name: work.guest, bytes }, work);
  return { ...awaited(plugin, work), call: () => plugin.callSync?.(work.run, work.input) };
}

function openPlugin(runtime: Runtime, source: PluginSource, { shout }: Work): Promise<Plugin> {
  const functions: HostFunctions =
    shout === undefined ? {} : { 'extism:host/user': { shout: SHOUTS[shout] } };
  return runtime.open(source, { tenant: 'bench', door: DOOR, functions });
}

function awaited(plugin: Plugin, { run, input }: Work): Opened {
  return {
    call: () => plugin.call(run, input),
    bytes: (answer) => (answer as PluginOutput).bytes,
    close: () => plugin.close(),
  };
}

const SHOUTS = {
  sync: (context: HostFunctionContext, text: number | bigint): bigint =>
    context.store(`${context.text(BigInt(text))}!`),
  async: async (context: HostFunctionContext, text: number | bigint): Promise<bigint> =>
    context.store(`${context.text(BigInt(text))}!`),
};

const DOOR: HostDoor = {
  mode: () => undefined,
  callSync: refuse,
  call: async () => refuse(),
  authorise: () => undefined,
};

function refuse(): never {
  throw new PlugbayError('denied', 'the benchmark answers no host calls');
}

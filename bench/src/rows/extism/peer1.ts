// Plugins on release 1.0.3 of the Extism JavaScript SDK, which most people have, in process.
import createPlugin, { type CallContext, type Plugin, type PluginOutput } from 'extism-v1';
import type { Opened, Side, Work } from './work.ts';

// It keeps every block of every call, fails at the 5,461st, and forgets the variables of a plugin that is reset.
const CALLS_PER_PLUGIN = 4_000;
const BYTES_PER_PLUGIN = 64 * 1024 * 1024;

/** The older peer's side. */
export function peer1(): Side {
  return {
    async load(bytes, work) {
      const module = new WebAssembly.Module(bytes);
      return () => opened(() => createPlugin({ wasm: [{ module }] }, options(work)), work);
    },
    open: (bytes, work) => opened(() => createPlugin({ wasm: [{ data: bytes }] }, options(work)), work),
  };
}

function options({ pass }: Work): { functions: Record<string, Record<string, typeof passSync>> } {
  return { functions: pass === undefined ? {} : { 'extism:host/user': { pass: passSync } } };
}

async function opened(create: () => Promise<Plugin>, { run, input }: Work): Promise<Opened> {
  const most = Math.min(CALLS_PER_PLUGIN, Math.ceil(BYTES_PER_PLUGIN / (1 + input.length)));
  let plugin = await create();
  let left = most;
  const renewed = async (): Promise<PluginOutput | null> => {
    await plugin.close();
    plugin = await create();
    left = most;
    return plugin.call(run, input);
  };
  return {
    call: () => (left-- > 0 ? plugin.call(run, input) : renewed()),
    bytes: (answer) => (answer as PluginOutput).bytes(),
    close: () => plugin.close(),
  };
}

function passSync(_: CallContext, block: bigint): bigint {
  return block;
}

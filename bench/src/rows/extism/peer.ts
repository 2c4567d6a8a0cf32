// Plugins on the Extism JavaScript SDK, in process.
import createPlugin, { type CallContext, type Plugin, type PluginOutput } from '@extism/extism';
import type { Opened, Side, Work } from './work.ts';

/** The peer's side. */
export function peer(): Side {
  return {
    async load(bytes, work) {
      const module = new WebAssembly.Module(bytes);
      return async () => opened(await createPlugin(module, options(work)), work);
    },
    open: async (bytes, work) => opened(await createPlugin({ wasm: [{ data: bytes }] }, options(work)), work),
  };
}

function options({ pass }: Work): {
  functions: Record<string, Record<string, (typeof PASSES)['async' | 'sync']>>;
} {
  return { functions: pass === undefined ? {} : { 'extism:host/user': { pass: PASSES[pass] } } };
}

function opened(plugin: Plugin, { run, input }: Work): Opened {
  return {
    call: () => plugin.call(run, input),
    bytes: (answer) => (answer as PluginOutput).bytes(),
    close: () => plugin.close(),
  };
}

const PASSES = {
  sync: (_: CallContext, block: bigint): bigint => block,
  async: async (_: CallContext, block: bigint): Promise<bigint> => block,
};

// The physical limit: a guest on the least environment that can answer it, with the bare WebAssembly API.
import { instantiateBare, instantiateSuspendable } from '../../bare.ts';
import { withoutCustomSections } from './custom-sections.ts';
import type { Opened, Side, Work } from './work.ts';

/** The limit's side, with the bytes of its environment. */
export function bare(bytes: Uint8Array<ArrayBuffer>): Side {
  const environment = new WebAssembly.Module(bytes);
  const open = (module: WebAssembly.Module, { run, input, pass }: Work): Opened => {
    const instantiate = pass === 'async' ? instantiateSuspendable : instantiateBare;
    // Input and output, and as much again for headers and small blocks.
    const options = { run, room: 4 * input.length, pass: pass !== undefined };
    const plugin = instantiate(environment, module, options);
    return {
      call: () => plugin.call(input),
      bytes: (answer) => answer as Uint8Array,
      close: async () => undefined,
    };
  };
  return {
    async load(guest, work) {
      const module = new WebAssembly.Module(guest);
      return async () => open(module, work);
    },
    // Compiling reads all of a module's bytes, and custom sections need not be among them.
    open: async (guest, work) => open(new WebAssembly.Module(withoutCustomSections(guest)), work),
  };
}

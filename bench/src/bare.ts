// The physical limit of a call: the guest on the least environment that can answer it, with the bare WebAssembly API.
import { guest } from './guests.ts';

interface BareEnvironment {
  readonly memory: WebAssembly.Memory;
  begin(bytes: number): number;
  output_at(): number;
  output_size(): number;
}

/** A guest with nothing around it. */
export interface BareGuest {
  call(input: Uint8Array): Uint8Array;
}

/** Instantiates compiled modules anew: a guest and its environment. */
export function instantiateBare(
  environment: WebAssembly.Module,
  module: WebAssembly.Module,
  name: string,
): BareGuest {
  const env = new WebAssembly.Instance(environment).exports;
  const bare = env as unknown as BareEnvironment;
  const run = new WebAssembly.Instance(module, { 'extism:host/env': env }).exports[name] as () => number;
  const memory = new Uint8Array(bare.memory.buffer);
  return {
    call(input) {
      memory.set(input, bare.begin(input.length));
      run();
      const at = bare.output_at();
      return memory.slice(at, at + bare.output_size());
    },
  };
}

/** The compiled environment. */
export async function bareEnvironment(): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(await guest('bare_env'));
}

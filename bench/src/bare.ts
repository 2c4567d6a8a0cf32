// The physical limit of a call: the guest on the least environment that can answer it, with the bare WebAssembly API.

const PAGE_BYTES = 65_536;

interface Environment {
  readonly memory: WebAssembly.Memory;
  begin(bytes: number): number;
  output_at(): number;
  output_size(): number;
  alloc(bytes: bigint): bigint;
  length(block: bigint): bigint;
}

/** What a bare guest needs beside its input. */
export interface BareOptions {
  /** The export that is called. */
  readonly run: string;
  /** Bytes that the blocks of one call have together. @default 32 KiB */
  readonly room?: number;
  /** Whether it gets the host function `pass`. @default false */
  readonly pass?: boolean;
}

/** A guest with nothing around it. */
export interface BareGuest {
  call(input: Uint8Array): Uint8Array;
}

/** Instantiates compiled modules anew: a guest and its environment. */
export function instantiateBare(
  environment: WebAssembly.Module,
  module: WebAssembly.Module,
  { run, room, pass = false }: BareOptions,
): BareGuest {
  const { env, memory } = instantiateEnvironment(environment, room);
  const called = instantiate(module, env, pass ? passOn : undefined)[run] as () => number;
  return {
    call(input) {
      memory.set(input, env.begin(input.length));
      called();
      return output(env, memory);
    },
  };
}

/** A guest with nothing around it that waits for its host function. */
export interface SuspendableGuest {
  call(input: Uint8Array): Promise<Uint8Array>;
}

/** As {@link instantiateBare}, with a `pass` that answers with a promise. */
export function instantiateSuspendable(
  environment: WebAssembly.Module,
  module: WebAssembly.Module,
  { run, room }: BareOptions,
): SuspendableGuest {
  const { env, memory } = instantiateEnvironment(environment, room);
  const suspending = new Suspending(async (block: bigint) => block);
  const called = promising(instantiate(module, env, suspending)[run] as () => number);
  return {
    call(input) {
      memory.set(input, env.begin(input.length));
      return called().then(() => output(env, memory));
    },
  };
}

function instantiateEnvironment(
  environment: WebAssembly.Module,
  room = 0,
): { env: Environment; memory: Uint8Array } {
  const env = new WebAssembly.Instance(environment).exports as unknown as Environment;
  // It begins with a page for small calls, of which headers take some.
  if (room > PAGE_BYTES / 2) env.memory.grow(Math.ceil(room / PAGE_BYTES));
  return { env, memory: new Uint8Array(env.memory.buffer) };
}

function instantiate(module: WebAssembly.Module, env: Environment, pass: unknown): WebAssembly.Exports {
  const host = env as unknown as WebAssembly.ModuleImports;
  const imports: WebAssembly.Imports = { 'extism:host/env': host };
  if (pass !== undefined) imports['extism:host/user'] = { pass: pass as WebAssembly.ImportValue };
  return new WebAssembly.Instance(module, imports).exports;
}

function output(env: Environment, memory: Uint8Array): Uint8Array {
  const at = env.output_at();
  return memory.slice(at, at + env.output_size());
}

const passOn = (block: bigint): bigint => block;

// JavaScript Promise Integration, which TypeScript does not declare yet. https://webassembly.github.io/js-promise-integration/
const { Suspending, promising } = WebAssembly as unknown as {
  readonly Suspending: new (answer: (text: bigint) => Promise<bigint>) => unknown;
  readonly promising: (run: () => number) => () => Promise<number>;
};

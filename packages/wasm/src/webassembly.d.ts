// The part of the WebAssembly JavaScript API that this package uses; neither es2024 nor @types/node declares it.
// https://webassembly.github.io/spec/js-api/

declare namespace WebAssembly {
  /** A compiled module; holds no state. */
  class Module {
    constructor(bytes: Uint8Array);
    private readonly module: never;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(limits: { readonly initial: number; readonly maximum: number });
    /** Replaced by a new one, and this one emptied, whenever the memory grows. */
    readonly buffer: ArrayBuffer;
  }
  /** The bytes are not a valid module. */
  class CompileError extends Error {}
  /** An import is missing or has another type. */
  class LinkError extends Error {}
  /** The module trapped. */
  class RuntimeError extends Error {}
  /** What a module throws with an exception instruction. */
  class Exception {}
  function compile(bytes: Uint8Array): Promise<Module>;
}

// The part of the WebAssembly JavaScript API that this package uses; neither es2024 nor @types/node declares it.
// https://webassembly.github.io/spec/js-api/

declare namespace WebAssembly {
  type ExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag';
  /** A compiled module; holds no state. */
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { module: string; name: string; kind: ExternalKind }[];
    static exports(module: Module): { name: string; kind: ExternalKind }[];
    private readonly module: never;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(limits: { readonly initial: number; readonly maximum: number; readonly shared?: boolean });
    /**
     * Replaced by a new one, and this one emptied, whenever the memory grows. Of a shared memory it is a SharedArrayBuffer, which is
     * not emptied but stays as short as it was.
     */
    readonly buffer: ArrayBuffer;
    /** Grows it by so many pages; answers with how many there were. @throws RangeError when there is no room for them. */
    grow(pages: number): number;
  }
  class Global {
    constructor(type: { readonly value: 'i32' | 'i64'; readonly mutable: boolean }, value: number | bigint);
    value: number | bigint;
  }
  /** An import that may answer with a promise: the module is suspended until it settles. */
  class Suspending {
    constructor(body: (...values: never[]) => unknown);
    private readonly suspending: never;
  }
  /** An export that may be suspended on the way. */
  function promising(body: (...values: never[]) => unknown): (...values: unknown[]) => Promise<unknown>;
  /** The bytes are not a valid module. */
  class CompileError extends Error {}
  /** An import is missing or has another type. */
  class LinkError extends Error {}
  /** The module trapped. */
  class RuntimeError extends Error {}
  /** The module asked to be suspended below a function that cannot be. */
  class SuspendError extends Error {}
  /** What a module throws with an exception instruction. */
  class Exception {}
  function compile(bytes: Uint8Array): Promise<Module>;
  function validate(bytes: Uint8Array): boolean;
}

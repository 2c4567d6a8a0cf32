// What a test wants to know of a module that was just built.

interface Description {
  readonly module: string;
  readonly name: string;
}

// The part of the WebAssembly API that nothing but tests of this package needs.
const { Module, Instance } = WebAssembly as unknown as {
  Module: {
    new (bytes: Uint8Array): object;
    exports(module: object): Description[];
    imports(module: object): Description[];
  };
  Instance: new (module: object) => { readonly exports: unknown };
};

/** The names of a module's exports. */
export function exportsOf(bytes: Uint8Array): string[] {
  return Module.exports(new Module(bytes)).map(({ name }) => name);
}

/** A module's imports as `module.name`. */
export function importsOf(bytes: Uint8Array): string[] {
  return Module.imports(new Module(bytes)).map(({ module, name }) => `${module}.${name}`);
}

/** The exports of an instance of a module that imports nothing. */
export function instantiate<T>(bytes: Uint8Array): T {
  return new Instance(new Module(bytes)).exports as T;
}

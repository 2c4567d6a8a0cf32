// How an instance of a plugin is put together: its exchange memory, its kernel and its modules.
import { Companion } from '../../module/companion.ts';
import { EXTISM_ENV } from './env.ts';
import { KERNEL_NAMES, type Kernel, type KernelImports, kernelBytes } from './kernel.ts';
import { type Exports, type LinkedUnit, ModuleTree } from './module-tree.ts';
import type { InstanceState } from './state.ts';

/** Makes an instance's exports. @throws what V8, the modules' start functions and their imports throw. */
export type Assemble = (state: InstanceState) => Exports;

type Units = readonly LinkedUnit[];
type MakeImports = (state: InstanceState) => KernelImports;

// Names that a plugin's module gets with the kernel; a colon keeps them apart from those of compilers.
const PREFIX = 'plugbay:';
const HOST = 'plugbay:host';
const START = 'plugbay:start';

const HOST_SIDE = ['take', 'measure'] as const;

/**
 * The kernel as a part of a plugin's module: calls into it are then calls inside one module, which V8 inlines. `shared` when its
 * exchange memories are shared with another thread.
 */
export function kernelCompanion(shared = false): Companion {
  return new Companion(kernelBytes(shared), {
    namespace: EXTISM_ENV,
    names: KERNEL_NAMES,
    importsAs: HOST,
    exports: HOST_SIDE,
    exportPrefix: PREFIX,
    startAs: START,
  });
}

/** For a plugin of one module, of which the kernel is a part. */
export function assembleMerged(units: Units, imports: MakeImports): Assemble {
  return (state) => {
    const own = { [HOST]: { ...imports(state) } };
    const exports = new ModuleTree(units, state, undefined, own).main();
    state.exchange.bind(kernelOf(exports, PREFIX));
    // Only now, because what it calls may need the kernel.
    const { [START]: start } = exports;
    if (typeof start === 'function') start();
    return exports;
  };
}

/** For a plugin of several modules: each is an instance of its own, and so is the kernel, from which all of them import. */
export function assembleApart(kernel: WebAssembly.Module, units: Units, imports: MakeImports): Assemble {
  return (state) => {
    const { exports } = new WebAssembly.Instance(kernel, { host: { ...imports(state) } });
    state.exchange.bind(kernelOf(exports, ''));
    return new ModuleTree(units, state, exports, {}).main();
  };
}

// Looked up once: an instance's exports are a slow object to ask.
function kernelOf(exports: Exports, prefix: string): Kernel {
  const { [`${prefix}take`]: take, [`${prefix}measure`]: measure } = exports;
  return { take, measure } as Kernel;
}

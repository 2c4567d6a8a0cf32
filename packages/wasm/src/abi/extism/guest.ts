// How an instance of a plugin is put together: its exchange memory, its kernel and its modules.
import { OWN_NAMESPACE, OWN_PREFIX, START_EXPORT } from '../../binary/added-names.ts';
import type { Companion } from '../../module/companion.ts';
import type { Starting } from '../starting.ts';
import { EXTISM_ENV } from './env.ts';
import { KERNEL_NAMES, type Kernel, type KernelImports, kernelBytes } from './kernel.ts';
import { type Exports, type LinkedUnit, ModuleTree } from './module-tree.ts';
import type { InstanceState } from './state.ts';

/** Makes an instance's exports; the modules' own start functions run. @throws what V8, they and their imports throw. */
export type Assemble = (state: InstanceState) => Starting<Exports>;

type Units = readonly LinkedUnit[];
type MakeImports = (state: InstanceState) => KernelImports;

const HOST_SIDE = ['take', 'measure'] as const;

/**
 * The kernel as a part of a plugin's module: calls into it are then calls inside one module, which V8 inlines. `shared` when its
 * exchange memories are shared with another thread.
 */
export function kernelCompanion(shared = false): Companion {
  return {
    bytes: kernelBytes(shared),
    plan: {
      namespace: EXTISM_ENV,
      names: KERNEL_NAMES,
      importsAs: OWN_NAMESPACE,
      exports: HOST_SIDE,
      exportPrefix: OWN_PREFIX,
      startAs: START_EXPORT,
    },
  };
}

/** For a plugin of one module, of which the kernel is a part. */
export function assembleMerged(units: Units, imports: MakeImports): Assemble {
  return (state) => {
    const own = { [OWN_NAMESPACE]: { ...imports(state) } };
    // First, because what its start function calls may need the kernel.
    const bind = (exports: Exports): void => state.exchange.bind(kernelOf(exports, OWN_PREFIX));
    return new ModuleTree(units, state, undefined, own).main(bind);
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

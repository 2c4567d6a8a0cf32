// The modules of a plugin that take part: the main one, and whatever can be reached from it by imports.
import type { ExportShape } from '../../binary/external.ts';
import type { CompiledModule } from '../../module/compile.ts';
import { MAIN } from '../../module/plugin.ts';
import type { Resources } from './host-imports.ts';
import { linkImports } from './link.ts';
import type { LinkedUnit } from './module-tree.ts';

/** The modules of a plugin with their imports settled. */
export interface LinkedUnits {
  /** The main one, {@link MAIN}, first. */
  readonly units: readonly LinkedUnit[];
  /** Imports that are answered asynchronously, as `namespace.name`. */
  readonly asynchronous: readonly string[];
}

/** Settles the imports of `main` and of those of `links` that it reaches. @throws as {@link linkImports}. */
export function linkUnits(
  main: CompiledModule,
  links: ReadonlyMap<string, CompiledModule>,
  resources: Resources,
): LinkedUnits {
  const modules = new Map([...links, [MAIN, main]]);
  const siblings = new Map<string, readonly ExportShape[]>();
  // Alone, a module that imports from "main" means a namespace of the app.
  if (links.size > 0) for (const [name, { shape }] of modules) siblings.set(name, shape.exports);
  const units: LinkedUnit[] = [];
  const asynchronous: string[] = [];
  const visit = (name: string, { module, shape, merged }: CompiledModule): void => {
    if (units.some((unit) => unit.name === name)) return;
    const linked = linkImports(shape.imports, resources, siblings);
    // With the kernel merged in, the module itself answers what it imported from it.
    const imports = merged ? linked.imports.filter(({ origin }) => origin.kind !== 'kernel') : linked.imports;
    asynchronous.push(...linked.asynchronous);
    const command = name !== MAIN && shape.exports.some((entry) => entry.name === '_start');
    const { metered, keepsCommands = false } = resources.environment;
    units.push({ name, module, imports, command, keepsCommands, metered });
    for (const { shape: wanted, origin } of linked.imports) {
      const next = modules.get(wanted.module);
      if (origin.kind === 'module' && next !== undefined) visit(wanted.module, next);
    }
  };
  visit(MAIN, main);
  return { units, asynchronous };
}

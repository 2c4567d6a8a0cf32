// The modules of one instance: those that the main one imports from, each instantiated once, before whoever imports from it.
import { PlugbayError } from '@plugbay/core';
import { FUEL_EXPORT, START_EXPORT } from '../../binary/added-names.ts';
import type { ImportShape } from '../../binary/external.ts';
import { MAIN } from '../../module/plugin.ts';
import { rewrittenImports } from '../rewritten-imports.ts';
import { type GuestStep, type Starting, startNow } from '../starting.ts';
import { wasiImport } from '../wasi-imports.ts';
import type { LinkedImport } from './link.ts';
import type { InstanceState } from './state.ts';

/** One module of a plugin, with its imports settled. */
export interface LinkedUnit {
  readonly name: string;
  readonly module: WebAssembly.Module;
  readonly imports: readonly LinkedImport[];
  /** Whether it counts its work. */
  readonly metered: boolean;
  /** Whether it exports `_start`: it runs once and leaves its memory as it ends, so every use gets an instance of its own. */
  readonly command: boolean;
  /** Whether, as a command, it keeps one instance for each import from it; otherwise each call gets its own. */
  readonly keepsCommands: boolean;
}

/** What an instance exports. */
export type Exports = Readonly<Record<string, unknown>>;

/** Imports by namespace and name. */
export type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Instantiates the modules of one instance of a plugin. */
export class ModuleTree {
  readonly #units: readonly LinkedUnit[];
  readonly #state: InstanceState;
  readonly #kernel: Exports | undefined;
  readonly #own: ImportObject;
  // Undefined while one is being made: whoever meets it then is part of a cycle.
  readonly #made = new Map<string, Exports | undefined>();

  /**
   * `kernel` answers the imports of the ABI's kernel; without one, it is a part of the modules. `own` are imports that the
   * modules got when they were rewritten.
   */
  constructor(
    units: readonly LinkedUnit[],
    state: InstanceState,
    kernel: Exports | undefined,
    own: ImportObject,
  ) {
    this.#units = units;
    this.#state = state;
    this.#kernel = kernel;
    this.#own = own;
  }

  /**
   * Instantiates the main module and what it imports from; `made` hears of the main one's exports before its start function runs.
   * @throws what V8 and the modules' start functions throw.
   */
  main(made?: (exports: Exports) => void): Starting<Exports> {
    return this.#make(MAIN, made);
  }

  // Linking has made one for every name that is imported from.
  #unit(name: string): LinkedUnit {
    return this.#units.find((unit) => unit.name === name) as LinkedUnit;
  }

  *#make(name: string, made?: (exports: Exports) => void): Starting<Exports> {
    const unit = this.#unit(name);
    this.#made.set(name, undefined);
    const wasi = unit.imports.some(({ origin }) => origin.kind === 'wasi')
      ? this.#state.newWasi()
      : undefined;
    // Without prototypes, because a module names its imports as it likes.
    const imports: Record<string, Record<string, unknown>> = Object.create(null);
    for (const { shape, origin } of unit.imports) {
      imports[shape.module] ??= Object.create(null) as Record<string, unknown>;
      const into = imports[shape.module] as Record<string, unknown>;
      if (origin.kind === 'host') into[shape.name] = origin.make(this.#state);
      else if (origin.kind === 'kernel') into[shape.name] = this.#kernel?.[shape.name];
      else if (origin.kind === 'wasi' && wasi !== undefined)
        into[shape.name] = wasiImport(this.#state.environment, this.#state, wasi, shape);
      else into[shape.name] = yield* this.#imported(shape);
    }
    Object.assign(imports, this.#own);
    for (const [namespace, added] of Object.entries(rewrittenImports(this.#state.environment, this.#state)))
      imports[namespace] = { ...imports[namespace], ...added };
    const { exports } = new WebAssembly.Instance(unit.module, imports);
    wasi?.bind(exports['memory']);
    this.#made.set(name, exports);
    if (unit.metered) this.#state.fuel.push(exports[FUEL_EXPORT] as WebAssembly.Global);
    made?.(exports);
    const { [START_EXPORT]: start, _initialize: reactor } = exports;
    if (typeof start === 'function') yield [start as GuestStep[0]];
    if (name !== MAIN && typeof reactor === 'function') yield [reactor as GuestStep[0]];
    return exports;
  }

  *#imported({ module, name, kind }: ImportShape): Starting<unknown> {
    const unit = this.#unit(module);
    if (unit.command) return yield* this.#ofCommand(module, name, kind, unit.keepsCommands);
    if (!this.#made.has(module)) yield* this.#make(module);
    const exports = this.#made.get(module);
    if (exports !== undefined) return exports[name];
    if (kind !== 'function') throw circular(module, name, kind);
    return (...values: unknown[]) =>
      this.#state.unsuspended(() => callOf(this.#made.get(module), name)(...values));
  }

  // A command's function runs in an instance of its own each time, unless that is kept.
  *#ofCommand(module: string, name: string, kind: string, keeps: boolean): Starting<unknown> {
    const fresh = (): Starting<Exports> =>
      new ModuleTree(this.#units, this.#state, this.#kernel, this.#own).#make(module);
    if (kind !== 'function' || keeps) return (yield* fresh())[name];
    const run = (...values: unknown[]): unknown =>
      this.#state.runCommand(module, () => callOf(startNow(fresh()), name)(...values));
    return (...values: unknown[]) => this.#state.unsuspended(() => run(...values));
  }
}

function callOf(exports: Exports | undefined, name: string): (...values: unknown[]) => unknown {
  return exports?.[name] as (...values: unknown[]) => unknown;
}

function circular(module: string, name: string, kind: string): PlugbayError {
  return new PlugbayError(
    'invalid',
    `the modules import each other's ${kind} (${module} ${name}); only functions can be imported in a circle`,
  );
}

// What turns a plugin's bytes into a Plugin: one interface for every engine and every kind of session.
import type { Clock } from './clock.ts';
import type { HostDoor, HostFunctions } from './door.ts';
import type { Limits } from './limits.ts';
import type { Logger } from './logger.ts';
import type { Plugin } from './plugin.ts';
import type { PoolOptions } from './pool.ts';
import type { WasiGrants } from './wasi.ts';

/** The bytes of one module. They must not be changed while a runtime knows them. */
export interface ModuleSource {
  /** For logs and errors; for a module that others import from, the name they use. */
  readonly name: string;
  /**
   * The content address of `bytes`, which is checked: modules are compiled once per digest and runtime. Without one, a module is
   * known by the identity of `bytes`, and nothing is hashed.
   */
  readonly digest?: string | undefined;
  readonly bytes: Uint8Array;
}

/** A plugin's code, fetched and verified. */
export interface PluginSource extends ModuleSource {
  /** Modules that this one, or one of them, imports from by their name. Only those that are imported run. @default none */
  readonly links?: readonly ModuleSource[] | undefined;
}

/** With what a plugin is opened; settled once, not changed while it is open. */
export interface OpenOptions {
  /** An opaque key: variables, memory and instances are never shared across tenants. */
  readonly tenant: string;
  /** The door of this plugin and this tenant: everything it asks for passes here. */
  readonly door: HostDoor;
  /** What the plugin reads as its configuration. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly functions?: HostFunctions | undefined;
  /** What it may use of WASI. Without it, a module that imports WASI is refused. */
  readonly wasi?: WasiGrants | undefined;
  /**
   * Counts the module's own work (loops, calls, bytes moved in bulk), so that `limits.fuel` holds, in every run alike. An engine that
   * cannot stop a running call otherwise (inline) then also ends it by `timeoutMs`, by its deadline and by its signal. @default false
   */
  readonly metered?: boolean | undefined;
  /** Whether functions keep their names, for the stacks of traps; a module's other custom sections go in any case. @default false */
  readonly keepNames?: boolean | undefined;
  /** How many instances it has, and for how long. */
  readonly pool?: PoolOptions | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Called once, when the plugin is closed, so that whoever keeps it can forget it. */
  readonly onClose?: (() => void) | undefined;
}

/** Opens plugins of one kind. */
export interface Runtime {
  /** @throws PlugbayError `invalid` (not such a plugin), `unsupported`, `limit`, `denied` (a host function it may not use). */
  open(source: PluginSource, options: OpenOptions): Promise<Plugin>;
}

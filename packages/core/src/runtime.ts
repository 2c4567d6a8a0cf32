// What turns a plugin's bytes into a Plugin: one interface for every engine and every kind of session.
import type { Clock } from './clock.ts';
import type { HostDoor, HostFunctions } from './door.ts';
import type { Limits } from './limits.ts';
import type { Logger } from './logger.ts';
import type { Plugin } from './plugin.ts';

/** A plugin's code, fetched and verified. */
export interface PluginSource {
  /** For logs and errors. */
  readonly name: string;
  /** The content address of `bytes`; modules are compiled once per digest and process. */
  readonly digest: string;
  readonly bytes: Uint8Array;
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

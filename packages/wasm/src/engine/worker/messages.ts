// What a thread and its host tell each other beside calls: messages, which are cloned and take some microseconds each.
import type { MessagePort } from 'node:worker_threads';
import type { Limits, LogLevel, WasiGrants } from '@plugbay/core';
import type { SdkLimits } from '../../abi/extism/sdk/allowance.ts';
import type { CompiledModule } from '../../module/compile.ts';
import type { Spill } from './parcel.ts';

/** What a thread is started with. */
export interface ThreadStart {
  /** Laid out by {@link SharedLayout}. */
  readonly shared: SharedArrayBuffer;
  /** One word for all threads: counts what they have said. */
  readonly bell: SharedArrayBuffer;
  /** The flag that guests look at is its first word. */
  readonly epoch: WebAssembly.Memory;
  readonly port: MessagePort;
}

/** A plugin, as a thread has to know it. */
export interface PluginSetup {
  readonly id: number;
  readonly name: string;
  readonly tenant: string;
  readonly limits: Limits;
  readonly config: Readonly<Record<string, string>>;
  readonly wasi: WasiGrants | undefined;
  readonly metered: boolean;
  readonly keepNames: boolean;
  readonly keepsCommands: boolean;
  /** How the host answers what the modules import, by {@link modeKey}; what is not in it has to be asked for. */
  readonly modes: ReadonlyMap<string, 'sync' | 'async' | undefined>;
  /** Whether the host answers anything asynchronously. */
  readonly asynchronous: boolean;
  /** The app's host functions as `[namespace, name]`, numbered by their place. */
  readonly functions: readonly (readonly [string, string])[];
  readonly logLevel: string | undefined;
  /** For a plugin that is shown as the Extism SDK does, its limits in the SDK's terms. */
  readonly sdk: SdkLimits | undefined;
  /** All variables at this time, as {@link encodeChanges} writes them. */
  readonly variables: Uint8Array;
}

/** A plugin's modules, by the numbers that the thread knows them by. */
export interface PluginModules {
  readonly main: number;
  readonly links: ReadonlyMap<string, number>;
}

/** From the host. */
export type ToThread = Spill | Order;

/** What a thread is told to do. */
export type Order =
  | { readonly type: 'module'; readonly number: number; readonly module: CompiledModule }
  | { readonly type: 'forget'; readonly module: number }
  | { readonly type: 'open'; readonly plugin: PluginSetup; readonly modules: PluginModules }
  /** With all of its instances. */
  | { readonly type: 'close'; readonly plugin: number }
  | { readonly type: 'discard'; readonly plugin: number; readonly instance: number }
  | { readonly type: 'level'; readonly plugin: number; readonly level: string | undefined };

/** To the host. */
export type ToHost = Spill | News;

/** What a host is told. */
export type News =
  | {
      readonly type: 'log';
      readonly plugin: number;
      readonly level: LogLevel;
      readonly facts: object;
      readonly line: string;
    }
  /** An instance's exchange memory, which host functions work on. */
  | { readonly type: 'exchange'; readonly instance: number; readonly memory: WebAssembly.Memory };

/** The key of {@link PluginSetup.modes}. */
export function modeKey(namespace: string, operation: string): string {
  return `${namespace}\u0000${operation}`;
}

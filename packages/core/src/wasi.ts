// What a plugin may be granted of WASI preview 1. Nothing is granted that is not named here.
import type { Clock } from './clock.ts';

/**
 * Where what a plugin writes to a standard stream goes. `log`: to the logger, by line; `inherit`: to this process's own stream,
 * where a reader that stalls stalls the plugin; `drop`: nowhere.
 */
export type WasiOutput = 'log' | 'inherit' | 'drop';

/** A clock of the app's own, for plugins whose runs must repeat. */
export interface WasiClock extends Pick<Clock, 'now' | 'monotonic'> {
  /** Lets `ms` milliseconds pass. @default no time passes: a plugin that sleeps goes on at once */
  sleep?(ms: number): void;
}

/** A directory of the host that a plugin may use. */
export interface WasiDirectory {
  /** Where it is on the host. Symbolic links on the way to it are followed, once, when an instance is made. */
  readonly host: string;
  /** Under which name the plugin sees it: `/data` or `.`. */
  readonly guest: string;
  /**
   * Whether every way to write answers `EROFS`. It is a property of the grant, not of the files: what another grant lets in
   * for writing stays writable there.
   * @default false
   */
  readonly readOnly?: boolean;
}

/** What a plugin is granted of WASI. Functions without a grant exist and answer `ENOTCAPABLE`. */
export interface WasiGrants {
  /** The command line; the first is by custom the program's name. No NUL characters. @default none */
  readonly args?: readonly string[];
  /** The environment. No NUL characters, no `=` in names. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** What every instance reads from standard input, from its start. @default empty */
  readonly stdin?: Uint8Array | string;
  /** @default 'log', as `info` */
  readonly stdout?: WasiOutput;
  /** @default 'log', as `warn` */
  readonly stderr?: WasiOutput;
  /** Real time and time that passes; without it the plugin can neither read clocks nor sleep. @default 'system' */
  readonly clock?: 'system' | 'none' | WasiClock;
  /**
   * A seed makes every instance read the same bytes: the concatenation of SHA-256(`<seed>:0`), SHA-256(`<seed>:1`), …
   * Such bytes are for runs that must repeat, never for secrets.
   * @default 'system'
   */
  readonly random?: 'system' | 'none' | { readonly seed: number | string };
  /** @default none */
  readonly directories?: readonly WasiDirectory[];
}

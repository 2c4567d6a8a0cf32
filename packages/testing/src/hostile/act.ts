// What hostile plugins are made of: an act, and the calling convention of the module that does it.

/** A calling convention that hostile plugins are written in; names are those of `@plugbay/core`. */
export type HostileAbi = 'extism' | 'wapc' | 'apiqube';

/** How a hostile plugin's call ends: by its fuel or its time, by a limit, by a crash, or with its own error. */
export type HostileEnd = 'never' | 'limit' | 'trap' | 'plugin';

/** By what a module does harm while it starts. */
export type HostileStart = 'start' | '_initialize';

/** One thing that does harm, in WebAssembly text. */
export interface Act {
  readonly ends: HostileEnd;
  /** What the module imports beside what its ABI defines. */
  readonly imports?: string;
  /** What stands in the module beside `$act`. */
  readonly with?: string;
  /** The body of `$act`, which takes nothing and returns nothing. */
  readonly act: string;
  /** How it ends while its module starts: nobody reads the output of a start, or its error. @default as it ends otherwise */
  readonly starting?: HostileEnd | 'well';
  /** How it ends in the module's start function, where an ABI does not know the memory yet. @default as `starting` */
  readonly inStart?: HostileEnd | 'well';
  /** Whether it asks for WASI. @default false */
  readonly wasi?: boolean;
}

/** Acts by what they do, as in "a plugin that …". */
export type Acts = Readonly<Record<string, Act>>;

/** How a module of one ABI is written around an act. */
export interface Convention {
  readonly abi: HostileAbi;
  readonly acts: Acts;
  /** Text of the module that acts when `run` is called. */
  running(act: Act): string;
  /** The same, after it has asked `app.wait` of its host. */
  waiting(act: Act): string;
  /** Text of the module that acts while it starts. */
  starting(act: Act, how: HostileStart): string;
}

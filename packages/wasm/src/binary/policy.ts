// What the guard lets in: bounds that a module must keep before anything of it is compiled.
import { ARTIFACT_MAX_BYTES, PlugbayError } from '@plugbay/core';

/** What a module may be at most, and which proposals it may use. */
export interface GuardPolicy {
  /** Bytes of the whole module. */
  readonly bytes: number;
  /** Function, structure and array types. */
  readonly types: number;
  /** Bytes of the type section. */
  readonly typeSectionBytes: number;
  readonly imports: number;
  /** Functions that the module defines. */
  readonly functions: number;
  /** Bytes of the largest function body. */
  readonly bodyBytes: number;
  /** Locals of all functions together, beside their parameters. */
  readonly locals: number;
  /** Tables, imported ones included. */
  readonly tables: number;
  /** Entries of one table: at its start, and as far as it may grow. */
  readonly tableEntries: number;
  /** Element segments. */
  readonly elementSegments: number;
  /** Memories, imported ones included. */
  readonly memories: number;
  readonly globals: number;
  /** Tags of exceptions. */
  readonly tags: number;
  readonly exports: number;
  /** Custom sections; all of them are dropped before the module is compiled. */
  readonly customSections: number;
  /** Whether a memory may be shared between threads. */
  readonly sharedMemory: boolean;
  /** Whether memories and tables may have 64-bit addresses. */
  readonly memory64: boolean;
  /**
   * Whether the module may define structures and arrays that V8's garbage collector owns. Instructions that need no such type,
   * of i31 references and conversions, allocate nothing and are let in in any case.
   */
  readonly gc: boolean;
}

/** The bounds of a {@link GuardPolicy} that are numbers. */
export type Bound = {
  [K in keyof GuardPolicy]: GuardPolicy[K] extends number ? K : never;
}[keyof GuardPolicy];

/** The policy of the inline engine, where a module that V8 cannot take takes the whole process with it. */
export const INLINE_POLICY: GuardPolicy = Object.freeze({
  // 32 MiB: the largest artifact; the largest real plugin we measured, a JavaScript engine, has 12 MB.
  bytes: ARTIFACT_MAX_BYTES,
  // 10,000: functions share types, so real modules have tens to hundreds.
  types: 10_000,
  // 1 MiB: 10,000 types of 50 parameters each and room to spare; read whole, so it is what reading costs.
  typeSectionBytes: 1024 * 1024,
  // 2,000: a browser's whole API through generated glue; plugins have tens.
  imports: 2_000,
  // 200,000: forty times the Haskell plugin with its runtime, which has 4,555.
  functions: 200_000,
  // 1 MiB: one of 7 MB costs V8's optimiser a gigabyte that outlives the plugin; one of 1 MB, 130 MB.
  bodyBytes: 1024 * 1024,
  // 2 million: four times LLVM, which has 3 for each of 133,000 functions; a module of 220 kB with a billion of them takes
  // V8 six seconds to compile, function by function as they are called, and no limit of a running call sees that.
  locals: 2_000_000,
  // 4: compilers make one, linkers of several languages two.
  tables: 4,
  // 100,000: 0.8 MB a table; a 71-byte module that grows one without end kills the process.
  tableEntries: 100_000,
  // 10,000: compilers make one; 10 million empty ones, 30 MB of a module, take V8 550 MB.
  elementSegments: 10_000,
  // 1: each reserves 8 GB of address space, of which a process has room for some thousand.
  memories: 1,
  // 50,000: position-independent code has one for each of its symbols.
  globals: 50_000,
  // 1,000: a language has one or two; a million of them cost every instance 70 ms and 13 MB of the host's heap.
  tags: 1_000,
  // 5,000: 900,000 of them end Node 24.
  exports: 5_000,
  // 1,000: the most that debug information of one module makes is tens.
  customSections: 1_000,
  // A thread that waits on shared memory cannot be stopped, and a shared memory outlives its instance.
  sharedMemory: false,
  // Their accesses are checked in software and their sizes are beyond every cap of ours.
  memory64: false,
  // What a module allocates there counts against the host's own heap, and no limit of ours holds it.
  gc: false,
});

/** The policy of the worker engine: what takes a process with it does so from any of its threads. */
export const WORKER_POLICY: GuardPolicy = Object.freeze({ ...INLINE_POLICY });

/** The policy for modules that passed another one and were rewritten: whatever rewriting adds is let in. */
export const OWN_POLICY: GuardPolicy = Object.freeze({
  bytes: Number.POSITIVE_INFINITY,
  types: Number.POSITIVE_INFINITY,
  typeSectionBytes: Number.POSITIVE_INFINITY,
  imports: Number.POSITIVE_INFINITY,
  functions: Number.POSITIVE_INFINITY,
  bodyBytes: Number.POSITIVE_INFINITY,
  locals: Number.POSITIVE_INFINITY,
  tables: Number.POSITIVE_INFINITY,
  tableEntries: Number.POSITIVE_INFINITY,
  elementSegments: Number.POSITIVE_INFINITY,
  memories: Number.POSITIVE_INFINITY,
  globals: Number.POSITIVE_INFINITY,
  tags: Number.POSITIVE_INFINITY,
  exports: Number.POSITIVE_INFINITY,
  customSections: Number.POSITIVE_INFINITY,
  sharedMemory: true,
  memory64: true,
  gc: true,
});

/** Passes when `actual` keeps a bound. @throws PlugbayError `limit` that names what, how much and the bound. */
export function keepBound(policy: GuardPolicy, bound: Bound, actual: number): void {
  if (actual <= policy[bound]) return;
  throw new PlugbayError(
    'limit',
    `the module has ${actual} ${NOUNS[bound]}; at most ${policy[bound]} are let in`,
  );
}

const NOUNS: Readonly<Record<Bound, string>> = {
  bytes: 'bytes',
  types: 'types',
  typeSectionBytes: 'bytes of types',
  imports: 'imports',
  functions: 'functions',
  bodyBytes: 'bytes in one function',
  locals: 'locals',
  tables: 'tables',
  tableEntries: 'entries in one table',
  elementSegments: 'element segments',
  memories: 'memories',
  globals: 'globals',
  tags: 'tags',
  exports: 'exports',
  customSections: 'custom sections',
};

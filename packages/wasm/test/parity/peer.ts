// What the parity cases use of the Extism project's SDK for JavaScript, as far as it is the same in every implementation.

/** What a call answered: a view of exactly the output's bytes. */
export interface PeerOutput extends DataView {
  json(): unknown;
  text(): string;
  string(): string;
  bytes(): Uint8Array;
  arrayBuffer(): ArrayBufferLike;
}

/** What a host function is given first. */
export interface PeerContext {
  logLevel: string;
  alloc(bytes: number | bigint): bigint;
  store(content: string | Uint8Array): bigint;
  read(at: number | bigint): PeerOutput | null;
  length(at: bigint): bigint;
  setError(error?: string | Error | null): void;
  getVariable(name: string): PeerOutput | null;
  setVariable(name: string, value: string | Uint8Array): void;
  deleteVariable(name: string): void;
  hostContext<T>(): T;
}

/** One export or import of the main module. */
interface PeerExternal {
  readonly module?: string;
  readonly name: string;
  readonly kind: string;
}

/** A plugin. */
export interface PeerPlugin {
  functionExists(name: string): Promise<boolean>;
  call(name: string, input?: string | Uint8Array, hostContext?: unknown): Promise<PeerOutput | null>;
  getExports(): Promise<readonly PeerExternal[]>;
  getImports(): Promise<readonly PeerExternal[]>;
  getInstance(): Promise<{ readonly exports: object }>;
  isActive(): boolean;
  reset(): Promise<boolean>;
  close(): Promise<void>;
}

/** A host function of a case: bigints travel as i64. */
type PeerFunction = (context: PeerContext, ...values: bigint[]) => unknown;

/** The options of a case. */
export interface PeerOptions {
  readonly useWasi?: boolean;
  readonly enableWasiOutput?: boolean;
  readonly runInWorker?: boolean;
  readonly logger?: object;
  readonly logLevel?: string;
  readonly functions?: Readonly<Record<string, Readonly<Record<string, PeerFunction>>>>;
  readonly allowedPaths?: Readonly<Record<string, string>>;
  readonly allowedHosts?: readonly string[];
  readonly memory?: {
    readonly maxPages?: number;
    readonly maxHttpResponseBytes?: number;
    readonly maxVarBytes?: number;
  };
  readonly timeoutMs?: number;
  readonly config?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly allowHttpResponseHeaders?: boolean;
  readonly sharedArrayBufferSize?: number;
  readonly nodeWorkerArgs?: object;
}

/** What is compared. */
export interface Implementation {
  createPlugin(manifest: unknown, options?: PeerOptions): Promise<PeerPlugin>;
  /** The `file:` URL of a module that exports `createPlugin`, for cases that run it in a process of their own. */
  readonly url: string;
  /** What `createPlugin` adds to the options of every plugin, for those cases. @default nothing */
  readonly options?: PeerOptions;
}

/** The same implementation with every plugin in a worker. */
export function inWorkers({ createPlugin, url }: Implementation): Implementation {
  const options = { runInWorker: true };
  return {
    createPlugin: (manifest, given) => createPlugin(manifest, { ...given, ...options }),
    url,
    options,
  };
}

/** One case: what has to hold for an implementation. */
export interface ParityCase {
  /** Its number in the SDK's own list of tests; the cases without one are ours. */
  readonly number?: number;
  readonly title: string;
  readonly run: (implementation: Implementation) => Promise<void>;
}

/** A logger for cases in which the SDK complains beside the error that it throws. */
export const DEAF: object = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error', 'log'].map((level) => [level, () => undefined]),
);

/** What `act` makes of a plugin, which is closed afterwards. */
export async function withPlugin<T>(
  { createPlugin }: Implementation,
  manifest: unknown,
  options: PeerOptions,
  act: (plugin: PeerPlugin) => T | Promise<T>,
): Promise<T> {
  const plugin = await createPlugin(manifest, options);
  try {
    return await act(plugin);
  } finally {
    await plugin.close();
  }
}

/** What `run` rejects with. */
export async function rejectionOf(run: () => Promise<unknown>): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

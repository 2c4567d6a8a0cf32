// plugbay run: one call of one function of a plugin.
import { httpCapability } from '@plugbay/callbacks';
import {
  ARTIFACT_MAX_BYTES,
  DEFAULT_LIMITS,
  listing,
  PlugbayError,
  type PluginOutput,
  type PluginSource,
  type WasiGrants,
} from '@plugbay/core';
import { createHost, type HostOptions } from '@plugbay/host';
import { loadFile, parseLocator } from '@plugbay/loader';
import { createInlineRuntime, inspectModule } from '@plugbay/wasm';
import type { EngineName } from './run-options.ts';
import { stderrLogger } from './stderr-logger.ts';

// Nobody shares a process that makes one call.
const TENANT = 'local';

/** What `plugbay run` is told. */
export interface RunOptions {
  readonly input?: string;
  readonly stdin?: boolean;
  readonly config: Readonly<Record<string, string>>;
  /** Whether the plugin may use WASI; folders grant it too. */
  readonly wasi?: boolean;
  readonly dir: NonNullable<WasiGrants['directories']>;
  readonly allowHost: readonly string[];
  /** Milliseconds that the call may take. */
  readonly timeout?: number;
  readonly engine: EngineName;
  readonly json?: boolean;
}

/** Calls `name` of the plugin at `locator` and prints its answer. @throws PlugbayError as opening and calling a plugin do. */
export async function run(locator: string, name: string, options: RunOptions): Promise<void> {
  const { config, timeout: timeoutMs } = options;
  const wasi = options.wasi === true || options.dir.length > 0 ? { directories: options.dir } : undefined;
  const source = await loadFile(parseLocator(locator).path, ARTIFACT_MAX_BYTES);
  if (wasi === undefined) requireNoWasi(source);
  await using http = httpCapability({ allowedHosts: options.allowHost });
  await using host = createHost({
    callbacks: [http],
    logger: stderrLogger('info'),
    wasi,
    ...engineOptions(options),
  });
  const grants = [{ capability: http.namespace }];
  const plugin = await host.open(source, { tenant: TENANT, config, grants });
  const input = options.stdin === true ? await readInput(process.stdin) : (options.input ?? '');
  const start = performance.now();
  const output = await plugin.call(name, input, { timeoutMs });
  const ms = performance.now() - start;
  if (options.json === true)
    console.log(JSON.stringify({ ...plugin.info, export: name, ms, fuel: output.fuel, ...answer(output) }));
  else process.stdout.write(output.bytes);
}

// A thread can be stopped without a meter, and its own limit must not come before the timeout.
function engineOptions({ engine, timeout }: RunOptions): Pick<HostOptions, 'runtime' | 'metered' | 'limits'> {
  if (engine === 'inline') return { runtime: createInlineRuntime(), metered: timeout !== undefined };
  return timeout === undefined ? {} : { limits: { callMs: timeout + DEFAULT_LIMITS.callMs } };
}

// The engine would refuse it as well, and does not know the command's options.
function requireNoWasi({ name, bytes }: PluginSource): void {
  const wanted = inspectModule(bytes).imports.filter(({ provider }) => provider === 'wasi');
  if (wanted.length === 0) return;
  const names = listing(wanted.flatMap(({ imports }) => imports.map((imported) => imported.name)));
  throw new PlugbayError('unsupported', `${name} imports WASI, which is not granted: ${names}`, {
    hint: 'Add --wasi for time, random numbers and a log, or --dir host:guest for a folder as well.',
  });
}

// As much as a plugin may be given; a pipe may never end.
async function readInput(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > DEFAULT_LIMITS.inputBytes) {
      throw new PlugbayError(
        'limit',
        `the input has more than ${DEFAULT_LIMITS.inputBytes} bytes (inputBytes)`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// Text where it is text; a program that reads JSON cannot guess.
function answer(output: PluginOutput): { readonly output: string } | { readonly outputBase64: string } {
  try {
    return { output: output.text() };
  } catch {
    return { outputBase64: Buffer.from(output.bytes).toString('base64') };
  }
}

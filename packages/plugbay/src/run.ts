// plugbay run: one call of one function of a plugin.
import { DEFAULT_LIMITS, PlugbayError, type PluginOutput } from '@plugbay/core';
import { createHost } from '@plugbay/host';
import { stderrLogger } from './stderr-logger.ts';

// Nobody shares a process that makes one call.
const TENANT = 'local';

/** What `plugbay run` is told. */
export interface RunOptions {
  readonly input?: string;
  readonly stdin?: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** Calls `name` of the plugin at `locator` and prints its answer. @throws PlugbayError as opening and calling a plugin do. */
export async function run(locator: string, name: string, options: RunOptions): Promise<void> {
  await using host = createHost({ logger: stderrLogger('info') });
  const plugin = await host.open({ locator }, { tenant: TENANT, config: options.config });
  const input = options.stdin === true ? await readInput(process.stdin) : (options.input ?? '');
  const start = performance.now();
  const output = await plugin.call(name, input);
  const ms = performance.now() - start;
  if (options.json === true)
    console.log(JSON.stringify({ ...plugin.info, export: name, ms, ...answer(output) }));
  else process.stdout.write(output.bytes);
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

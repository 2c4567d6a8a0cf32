// Compiles plugins and opens them: the inline engine's parts, put together for plugins of the app's own.
import {
  ARTIFACT_MAX_BYTES,
  contentAddress,
  DEFAULT_LIMITS,
  type Limits,
  type Logger,
  PlugbayError,
  resolvePool,
  systemClock,
} from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { Environment } from '../../abi/environment.ts';
import { LinkedWapc } from '../../abi/wapc/linked.ts';
import { wasiMaker } from '../../abi/wasi.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { MEMORY_MAX_PAGES } from '../../binary/stores.ts';
import { CallChain } from '../../engine/call-chain.ts';
import { InlinePlugin } from '../../engine/inline/plugin.ts';
import { surround } from '../../engine/surround.ts';
import { ModuleCache } from '../../module/cache.ts';
import { compilePlugin } from '../../module/plugin.ts';
import type { CallbackDoor } from './door.ts';
import type { Printing } from './printing.ts';
import type { WapcOptions } from './types.ts';

// 32: more different plugins than an app opens over and over; compiled modules of others are let go.
const CACHED_MODULES = 32;

// The app's own calls, which nobody else's can starve: they wait for their turn as long as it takes.
const POOL = resolvePool({
  waitMs: Number.MAX_SAFE_INTEGER,
  waiting: Number.MAX_SAFE_INTEGER,
  waitingOfKey: Number.MAX_SAFE_INTEGER,
});

const NAME = 'main';
const NO_BYTES = new Uint8Array(0);

/** With what a plugin is opened. */
export interface Opening {
  readonly door: CallbackDoor;
  readonly printing: Printing;
  readonly options: WapcOptions;
}

/** Opens plugins of one thread; each module is compiled once. */
export class Engine {
  readonly #modules = new ModuleCache(INLINE_POLICY, CACHED_MODULES);
  readonly #chain = new CallChain();

  /** @throws PlugbayError as {@link compilePlugin}. */
  compile(bytes: Uint8Array, { memoryPages, timeoutMs }: WapcOptions): Promise<CompiledPlugin> {
    if (bytes.length > ARTIFACT_MAX_BYTES) return Promise.reject(tooLarge(bytes.length));
    const source = { name: NAME, digest: contentAddress(bytes), bytes };
    const metered = timeoutMs !== undefined;
    return compilePlugin(source, this.#modules, { memoryPages: memoryPages ?? MEMORY_MAX_PAGES, metered });
  }

  /**
   * Makes the first instance, so that a plugin that cannot start shows here.
   * @throws PlugbayError as the constructors of {@link LinkedWapc} and {@link InlinePlugin}.
   */
  open(compiled: CompiledPlugin, { door, printing, options }: Opening): InlinePlugin {
    const surroundings = (logger: Logger): Environment =>
      surround(
        { name: NAME, bytes: NO_BYTES },
        {
          tenant: '',
          door,
          limits: limitsOf(options),
          // Time, random numbers and streams: no more than the ABI's own imports, and nothing that is the app's.
          wasi: {},
          metered: options.timeoutMs !== undefined,
          logger,
        },
        systemClock,
      );
    const environment = surroundings(printing.log);
    const linked = new LinkedWapc(compiled, environment, wasiMaker(surroundings(printing.streams)));
    const source = { name: NAME, bytes: NO_BYTES };
    return new InlinePlugin(source, 'wapc', linked, environment, POOL, this.#chain);
  }
}

// The app's own plugins: what the peer does not limit is limited by what can be done at all.
function limitsOf({ memoryPages }: WapcOptions): Limits {
  const unlimited = Number.MAX_SAFE_INTEGER;
  return {
    ...DEFAULT_LIMITS,
    memoryPages: memoryPages ?? MEMORY_MAX_PAGES,
    inputBytes: unlimited,
    outputBytes: unlimited,
    logLines: unlimited,
    logLineBytes: unlimited,
    hostCalls: unlimited,
    fuel: unlimited,
  };
}

function tooLarge(bytes: number): PlugbayError {
  return new PlugbayError(
    'limit',
    `the module has ${bytes} bytes; ${ARTIFACT_MAX_BYTES} are the most that one may have`,
  );
}

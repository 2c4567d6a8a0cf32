// Compiles plugins and opens them. The inline engine's parts, put together so that what the SDK shows can be shown.
import {
  DEFAULT_LIMITS,
  type Limits,
  PAGE_BYTES,
  PlugbayError,
  resolvePool,
  systemClock,
} from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { Environment } from '../../abi/environment.ts';
import { EXCHANGE_MAX_BYTES } from '../../abi/extism/exchange.ts';
import { kernelCompanion } from '../../abi/extism/guest.ts';
import { compileKernel } from '../../abi/extism/kernel.ts';
import { LinkedExtism } from '../../abi/extism/linked.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { CallChain } from '../../engine/inline/call-chain.ts';
import { InlinePlugin } from '../../engine/inline/plugin.ts';
import { surround } from '../../engine/surround.ts';
import { ModuleCache } from '../../module/cache.ts';
import type { CompiledModule, Recipe } from '../../module/compile.ts';
import { compilePlugin } from '../../module/plugin.ts';
import { precompiled } from '../../module/precompiled.ts';
import { HttpDoor } from './door.ts';
import { Guest } from './guest.ts';
import { hostFunctions } from './host-functions.ts';
import { checkImports } from './imports.ts';
import { Session } from './session.ts';
import type { Settings } from './settings.ts';
import type { ModuleCode, Modules } from './sources.ts';

// What WebAssembly itself allows for a memory of 32-bit addresses.
const ALL_PAGES = 65_536;

// 24 bytes are what a block of one byte takes; the rest is for freed blocks below live ones, which wait for these.
const ROOM_FOR_CONTENT = 32;

// 32: more different plugins than an app opens over and over; compiled modules of others are let go.
const CACHED_MODULES = 32;

// The app's own calls, which nobody else's can starve: they wait for their turn as long as it takes, as in the SDK.
const POOL = resolvePool({ waitMs: Number.MAX_SAFE_INTEGER, waiting: Number.MAX_SAFE_INTEGER });

const NAME = 'main';
const NO_BYTES = new Uint8Array(0);

/** A plugin, its modules and what goes with it. */
export interface Opened {
  readonly plugin: InlinePlugin;
  readonly guest: Guest;
  readonly compiled: CompiledPlugin;
  readonly door: HttpDoor;
}

/** Opens plugins of one thread; each module is compiled once. */
export class Engine {
  readonly #modules = new ModuleCache(INLINE_POLICY, CACHED_MODULES);
  readonly #companion = kernelCompanion();
  readonly #chain = new CallChain();
  #kernel: WebAssembly.Module | undefined;

  /**
   * Makes the first instance, so that a plugin that cannot start shows here.
   * @throws PlugbayError as {@link compilePlugin}, {@link checkImports} and {@link Guest.instantiate}.
   */
  async open(modules: Modules, settings: Settings): Promise<Opened> {
    const { log, maxPages, maxVarBytes, timeoutMs } = settings;
    const compiled = await this.#compile(modules, settings);
    checkImports(compiled, { functions: settings.functions, useWasi: settings.wasi !== undefined });
    const session = new Session(log, maxPages, maxVarBytes);
    const door = new HttpDoor({
      allowedHosts: settings.allowedHosts,
      maxResponseBytes: settings.maxHttpResponseBytes,
      headers: settings.allowHttpResponseHeaders,
      fetch: settings.fetch,
    });
    const environment = environmentOf(compiled, settings, session, door);
    const linked = new LinkedExtism(compiled, environment, () => this.#compiledKernel());
    const guest = new Guest(linked, environment, session, timeoutMs);
    // Without the bytes, which would be kept for as long as the plugin is open.
    const digest = isCompiled(modules.main) ? undefined : modules.main.digest;
    const source = { name: NAME, digest, bytes: NO_BYTES };
    const plugin = new InlinePlugin(source, 'extism', guest, environment, POOL, this.#chain);
    return { plugin, guest, compiled, door };
  }

  async #compile({ main, links }: Modules, { maxPages, timeoutMs }: Settings): Promise<CompiledPlugin> {
    const codes = [main, ...links.values()];
    const recipe: Recipe = {
      memoryPages: this.#memoryPages(codes, maxPages),
      companionOf: () => this.#companion,
      metered: timeoutMs !== undefined,
    };
    if (!codes.some(isCompiled)) {
      const sources = [...links].map(([name, code]) => ({ name, ...sourceOf(code) }));
      return compilePlugin({ name: NAME, ...sourceOf(main), links: sources }, this.#modules, recipe);
    }
    if (recipe.metered) throw cannotStop();
    const apart = { ...recipe, companionOf: undefined };
    const compile = async (code: ModuleCode): Promise<CompiledModule> =>
      isCompiled(code) ? precompiled(code.module) : this.#modules.get({ name: NAME, ...code }, apart);
    const others: [string, CompiledModule][] = [];
    for (const [name, code] of links) others.push([name, await compile(code)]);
    return { main: await compile(main), links: new Map(others) };
  }

  // What modules start with is not counted, as in the Extism runtime: it is their programs and their stacks.
  #memoryPages(codes: readonly ModuleCode[], maxPages: number | undefined): number {
    if (maxPages === undefined) return ALL_PAGES;
    const initial = codes
      .flatMap((code) => (isCompiled(code) ? [] : this.#modules.shape({ name: NAME, ...code }).memories))
      .reduce((sum, memory) => sum + memory.initial, 0);
    return Math.min(ALL_PAGES, initial + maxPages);
  }

  #compiledKernel(): WebAssembly.Module {
    this.#kernel ??= compileKernel();
    return this.#kernel;
  }
}

function environmentOf(
  { main, links }: CompiledPlugin,
  settings: Settings,
  session: Session,
  door: HttpDoor,
): Environment {
  const { config, log, timeoutMs, wasi } = settings;
  const imports = [main, ...links.values()].flatMap(({ shape }) => shape.imports);
  const surroundings = surround(
    { name: NAME, bytes: NO_BYTES },
    {
      tenant: '',
      door,
      config,
      limits: limitsOf(settings),
      functions: hostFunctions(settings.functions, imports, session),
      wasi,
      metered: timeoutMs !== undefined,
      logger: log,
    },
    systemClock,
  );
  return Object.assign(surroundings, { variables: session.variables, keepsCommands: true });
}

// The app's own plugins: what the SDK does not limit is limited by what can be done at all.
function limitsOf({ maxPages }: Settings): Limits {
  const exchangeBytes =
    maxPages === undefined
      ? EXCHANGE_MAX_BYTES
      : Math.min(EXCHANGE_MAX_BYTES, maxPages * PAGE_BYTES * ROOM_FOR_CONTENT);
  return {
    ...DEFAULT_LIMITS,
    memoryPages: ALL_PAGES,
    exchangeBytes,
    inputBytes: exchangeBytes,
    outputBytes: exchangeBytes,
    variableBytes: Number.MAX_SAFE_INTEGER,
    logLines: Number.MAX_SAFE_INTEGER,
    logLineBytes: Number.MAX_SAFE_INTEGER,
    hostCalls: Number.MAX_SAFE_INTEGER,
    fuel: Number.MAX_SAFE_INTEGER,
  };
}

function isCompiled(code: ModuleCode): code is Extract<ModuleCode, { module: unknown }> {
  return 'module' in code;
}

function sourceOf(code: ModuleCode): { readonly bytes: Uint8Array; readonly digest?: string } {
  return isCompiled(code) ? { bytes: NO_BYTES } : code;
}

function cannotStop(): PlugbayError {
  return new PlugbayError('unsupported', 'a WebAssembly.Module cannot be stopped, so it takes no timeoutMs', {
    hint: 'Create the plugin from the bytes of the module, or leave timeoutMs out.',
  });
}

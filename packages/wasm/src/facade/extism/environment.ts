// What surrounds a plugin of the façade: what the SDK does not limit is limited by what can be done at all.
import { DEFAULT_LIMITS, type Limits, PAGE_BYTES, systemClock } from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { Environment } from '../../abi/environment.ts';
import { EXCHANGE_MAX_BYTES } from '../../abi/extism/exchange.ts';
import type { Variables } from '../../abi/variables.ts';
import { MEMORY_MAX_PAGES } from '../../binary/stores.ts';
import { surround } from '../../engine/surround.ts';
import { HttpDoor } from './door.ts';
import { hostFunctions } from './host-functions.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';

/** What plugins are called where nobody has named them. */
export const NAME = 'main';

/** Instead of the bytes, which would be kept for as long as the plugin is open. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

// 24 bytes are what a block of one byte takes; the rest is for freed blocks below live ones, which wait for these.
const ROOM_FOR_CONTENT = 32;

/** An {@link Environment} with variables of its own. */
export type PluginEnvironment<V extends Variables> = Environment & {
  readonly door: HttpDoor;
  readonly variables: V;
};

/** The environment of a plugin whose variables are `variables`. `metered` where its work is counted. */
export function environmentOf<V extends Variables>(
  { main, links }: CompiledPlugin,
  settings: Settings,
  session: Session,
  variables: V,
  metered: boolean,
): PluginEnvironment<V> {
  const { config, log, wasi } = settings;
  const imports = [main, ...links.values()].flatMap(({ shape }) => shape.imports);
  const door = new HttpDoor({
    allowedHosts: settings.allowedHosts,
    maxResponseBytes: settings.maxHttpResponseBytes,
    headers: settings.allowHttpResponseHeaders,
    fetch: settings.fetch,
  });
  const surroundings = surround(
    { name: NAME, bytes: NO_BYTES },
    {
      tenant: '',
      door,
      config,
      limits: limitsOf(settings),
      functions: hostFunctions(settings.functions, imports, session),
      wasi,
      metered,
      logger: log,
    },
    systemClock,
  );
  return Object.assign(surroundings, { door, variables, keepsCommands: true });
}

function limitsOf({ maxPages }: Settings): Limits {
  const unlimited = Number.MAX_SAFE_INTEGER;
  const exchangeBytes =
    maxPages === undefined
      ? EXCHANGE_MAX_BYTES
      : Math.min(EXCHANGE_MAX_BYTES, maxPages * PAGE_BYTES * ROOM_FOR_CONTENT);
  return {
    ...DEFAULT_LIMITS,
    memoryPages: MEMORY_MAX_PAGES,
    exchangeBytes,
    inputBytes: exchangeBytes,
    outputBytes: exchangeBytes,
    variableBytes: unlimited,
    logLines: unlimited,
    logLineBytes: unlimited,
    hostCalls: unlimited,
    callMs: unlimited,
    fuel: unlimited,
  };
}

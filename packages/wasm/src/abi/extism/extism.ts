// The Extism ABI: plugins written with any Extism PDK. https://extism.org/docs/concepts/pdk
import { PlugbayError } from '@plugbay/core';
import type { Abi, CompiledPlugin, LinkedModule } from '../abi.ts';
import type { Environment } from '../environment.ts';
import { instantiationError } from '../trap.ts';
import { isCallable, notCallable } from './callable.ts';
import { EXCHANGE_MAX_BYTES } from './exchange.ts';
import { assembleApart, assembleMerged, kernelCompanion } from './guest.ts';
import { HostCaller } from './host-call.ts';
import { hostImports, type Resources } from './host-imports.ts';
import { HTTP_REQUEST } from './http.ts';
import { ExtismInstance } from './instance.ts';
import { compileKernel } from './kernel.ts';
import { InstanceState } from './state.ts';
import { linkUnits } from './units.ts';
import { Variables } from './variables.ts';
import { wasiMaker } from './wasi.ts';

/** The ABI, with its kernel compiled once, for plugins of several modules. */
export function extismAbi(): Abi {
  let kernel: WebAssembly.Module | undefined;
  const compiled = (): WebAssembly.Module => {
    kernel ??= compileKernel();
    return kernel;
  };
  return {
    name: 'extism',
    companion: kernelCompanion(),
    link: (plugin, environment) => linkPlugin(plugin, environment, compiled),
  };
}

function linkPlugin(
  { main, links }: CompiledPlugin,
  environment: Environment,
  kernel: () => WebAssembly.Module,
): LinkedModule {
  const { limits } = environment;
  requireExchange(limits.exchangeBytes);
  const resources: Resources = {
    environment,
    config: encodeConfig(environment.config),
    variables: new Variables(limits.variableBytes, environment.variableCost),
    http: new HostCaller(environment, HTTP_REQUEST),
  };
  const makeWasi = wasiMaker(environment, environment.wasi ?? {});
  const { units, asynchronous } = linkUnits(main, links, resources);
  const imports = hostImports(resources);
  const assemble = main.merged ? assembleMerged(units, imports) : assembleApart(kernel(), units, imports);
  const callable = new Set(main.shape.exports.filter(isCallable).map(({ name }) => name));

  return {
    names: Object.freeze([...callable]),
    has: (name) => callable.has(name),
    refusal: (name) => notCallable(name, main.shape.exports),
    asynchronous,
    instantiate(call) {
      try {
        return new ExtismInstance(assemble, new InstanceState(limits, call, makeWasi));
      } catch (thrown) {
        throw instantiationError(thrown);
      }
    },
  };
}

function requireExchange(bytes: number): void {
  if (bytes <= EXCHANGE_MAX_BYTES) return;
  throw new PlugbayError('invalid', `exchangeBytes is ${bytes}; it can be ${EXCHANGE_MAX_BYTES} at most`);
}

function encodeConfig(config: Environment['config']): Map<string, Uint8Array> {
  const encoded = new Map<string, Uint8Array>();
  for (const [name, value] of Object.entries(config)) {
    if (typeof value !== 'string') {
      throw new PlugbayError('invalid', `configuration "${name}" must be a string, not ${typeof value}`);
    }
    encoded.set(name, Buffer.from(value));
  }
  return encoded;
}

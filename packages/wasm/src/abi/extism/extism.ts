// The Extism ABI: plugins written with any Extism PDK. https://extism.org/docs/concepts/pdk
import { PlugbayError } from '@plugbay/core';
import type { CompiledModule } from '../../module/compile.ts';
import type { Abi, LinkedModule } from '../abi.ts';
import type { Environment } from '../environment.ts';
import type { RunningCall } from '../running-call.ts';
import { instantiationError } from '../trap.ts';
import { isCallable, notCallable } from './callable.ts';
import { EXCHANGE_MAX_BYTES } from './exchange.ts';
import { hostImports, type Resources } from './host-imports.ts';
import { ExtismInstance } from './instance.ts';
import { compileKernel } from './kernel.ts';
import { linkImports } from './link.ts';
import { InstanceState } from './state.ts';
import { Variables } from './variables.ts';

/** The ABI, with its kernel compiled once. */
export function extismAbi(): Abi {
  let kernel: WebAssembly.Module | undefined;
  return {
    name: 'extism',
    link(compiled, environment) {
      kernel ??= compileKernel();
      return linkModule(compiled, environment, kernel);
    },
  };
}

function linkModule(
  { module, shape }: CompiledModule,
  environment: Environment,
  kernel: WebAssembly.Module,
): LinkedModule {
  const { limits } = environment;
  if (limits.exchangeBytes > EXCHANGE_MAX_BYTES) {
    throw new PlugbayError(
      'invalid',
      `exchangeBytes is ${limits.exchangeBytes}; it can be ${EXCHANGE_MAX_BYTES} at most`,
    );
  }
  const resources: Resources = {
    environment,
    config: encodeConfig(environment.config),
    variables: new Variables(limits.variableBytes),
  };
  const imports = linkImports(shape.imports, resources);
  const kernelImports = hostImports(resources);
  const callable = new Set(shape.exports.filter(isCallable).map(({ name }) => name));

  const instantiate = (call: RunningCall): ExtismInstance => {
    try {
      return new ExtismInstance(module, imports, new InstanceState(kernel, limits, call, kernelImports));
    } catch (thrown) {
      throw instantiationError(thrown);
    }
  };
  return {
    names: Object.freeze([...callable]),
    has: (name) => callable.has(name),
    refusal: (name) => notCallable(name, shape.exports),
    instantiate,
  };
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

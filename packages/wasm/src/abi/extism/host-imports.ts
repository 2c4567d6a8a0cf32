// What the kernel asks of its host: configuration, variables, log and HTTP.
import type { Environment } from '../environment.ts';
import type { HostCaller } from '../host-caller.ts';
import { Names } from '../names.ts';
import type { Variables } from '../variables.ts';
import { httpImport } from './http.ts';
import type { KernelImports } from './kernel.ts';
import { logBlock } from './log.ts';
import { answer, type InstanceState, noBlock, textArgument } from './state.ts';

/** What all instances of a plugin share. */
export interface Resources {
  readonly environment: Environment;
  /** The configuration's values as UTF-8. */
  readonly config: ReadonlyMap<string, Uint8Array>;
  readonly variables: Variables;
  /** Makes the host call behind `http_request`. */
  readonly http: HostCaller;
}

/** Makes the kernel's imports for one instance. */
export function hostImports(resources: Resources): (state: InstanceState) => KernelImports {
  const { environment, config, variables, http } = resources;
  const names = new Names();
  return (state) => ({
    memory: state.exchange.memory,
    config_get: (key, keyLength) => {
      const value = config.get(textArgument(state, names, 'config_get', key, keyLength));
      return value === undefined ? 0 : answer(state, value);
    },
    var_get: (key, keyLength) => {
      const value = variables.get(textArgument(state, names, 'var_get', key, keyLength));
      return value === undefined ? 0 : answer(state, value);
    },
    var_set: (key, keyLength, value, valueLength) => {
      const name = textArgument(state, names, 'var_set', key, keyLength);
      if (valueLength < 0) throw noBlock(state, 'var_set', value);
      state.call.checkGoing();
      state.call.chargeCopy(valueLength);
      try {
        if (valueLength === 0) variables.delete(name, keyLength);
        else variables.set(name, keyLength, state.exchange.live, value, valueLength);
      } catch (error) {
        throw state.call.failed(error);
      }
    },
    log: (level, text, length) => logBlock(environment, state, level, text, length),
    http_request: httpImport(environment, http, state),
    http_headers: () => answer(state, state.httpHeaders),
  });
}

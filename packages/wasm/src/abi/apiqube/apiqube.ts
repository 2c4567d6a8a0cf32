// The ApiQube ABI: protocol plugins of API tests. https://pkg.go.dev/github.com/apiqube/engine/plugin
import type { Abi } from '../abi.ts';
import { LinkedApiqube } from './linked.ts';

/** The ABI. */
export function apiqubeAbi(): Abi {
  return { name: 'apiqube', link: (plugin, environment) => new LinkedApiqube(plugin, environment) };
}

// The waPC ABI: one function of the guest takes every call, by an operation's name. https://wapc.io/docs/spec
import type { Abi } from '../abi.ts';
import { LinkedWapc } from './linked.ts';

/** The ABI. It keeps nothing. */
export function wapcAbi(): Abi {
  return { name: 'wapc', link: (plugin, environment) => new LinkedWapc(plugin, environment) };
}

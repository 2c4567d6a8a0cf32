// The waPC project's functions that make a host and its plugin at once.
import { WapcHost } from './host.ts';
import type { HostCall, WapcLogger, WapcOptions, Writer } from './types.ts';

/** A host with this plugin; see the constructor of {@link WapcHost}. @throws as {@link WapcHost.instantiate}. */
export async function instantiate(
  source: Uint8Array,
  hostCall?: HostCall,
  writer?: Writer,
  logger?: WapcLogger,
  options?: WapcOptions,
): Promise<WapcHost> {
  return new WapcHost(hostCall, writer, logger, options).instantiate(source);
}

/** As {@link instantiate}, from a response. @throws StreamingFailure. */
export async function instantiateStreaming(
  source: Response | PromiseLike<Response>,
  hostCall?: HostCall,
  writer?: Writer,
  logger?: WapcLogger,
  options?: WapcOptions,
): Promise<WapcHost> {
  return new WapcHost(hostCall, writer, logger, options).instantiateStreaming(source);
}

// A call's answer over bytes that the caller owns.
import { PlugbayError } from './error.ts';
import type { PluginOutput } from './plugin.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes as UTF-8 text. @throws PlugbayError `invalid` when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new PlugbayError('invalid', `${bytes.length} bytes are not UTF-8 text`, { cause });
  }
}

/** The bytes as a JSON value. @throws PlugbayError `invalid` when they are not JSON. */
export function decodeJson<T>(bytes: Uint8Array): T {
  const text = decodeText(bytes);
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new PlugbayError('invalid', `${bytes.length} bytes are not JSON`, { cause });
  }
}

/** A {@link PluginOutput} over `bytes`, which the caller must own. `fuel`: units of work that it took, if they were counted. */
export function pluginOutput(bytes: Uint8Array, stateLost = false, fuel?: number): PluginOutput {
  return new Output(bytes, stateLost, fuel);
}

// A class, because its methods are not made anew for every call.
class Output implements PluginOutput {
  readonly bytes: Uint8Array;
  readonly stateLost: boolean;
  readonly fuel: number | undefined;

  constructor(bytes: Uint8Array, stateLost: boolean, fuel: number | undefined) {
    this.bytes = bytes;
    this.stateLost = stateLost;
    this.fuel = fuel;
  }

  text(): string {
    return decodeText(this.bytes);
  }

  json<T>(): T {
    return decodeJson<T>(this.bytes);
  }
}

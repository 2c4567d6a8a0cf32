// Encoding for exports of which the schema says nothing (version v0): by the JavaScript type, as the XTP client does it.
import { bytesOf, isPlugbayError, jsonCodec, PlugbayError, type PluginOutput } from '@plugbay/core';

/** Text stays text, buffers stay bytes (exactly the viewed part), nothing is empty input, all else is JSON. */
export function encodeUntyped(value: unknown): Uint8Array | string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return bytesOf(value) ?? jsonCodec.encode(value);
}

/**
 * The output of `exportName` as the type of `example`: text for a string, bytes for a buffer, else JSON; text without an example; null for
 * no output.
 * @throws PlugbayError `plugin` when it is not of that type.
 */
export function decodeUntyped(exportName: string, output: PluginOutput, example: unknown): unknown {
  if (output.bytes.length === 0) return null;
  try {
    if (example === undefined || typeof example === 'string') return output.text();
    return bytesOf(example) === undefined ? output.json() : output.bytes;
  } catch (error) {
    if (!isPlugbayError(error)) throw error;
    throw new PlugbayError('plugin', `output of ${exportName}: ${error.message}`, { cause: error.cause });
  }
}

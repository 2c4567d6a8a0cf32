// Encoding for exports of which the schema says nothing (version v0): by the JavaScript type, as the XTP client does it.
import { bytesOf, jsonCodec, type PluginOutput } from '@plugbay/core';

/** Text stays text, buffers stay bytes (exactly the viewed part), nothing is empty input, all else is JSON. */
export function encodeUntyped(value: unknown): Uint8Array | string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return bytesOf(value) ?? jsonCodec.encode(value);
}

/** The output as the type of `example`: text for a string, bytes for a buffer, else JSON; text without an example; null for no output. */
export function decodeUntyped(output: PluginOutput, example: unknown): unknown {
  if (output.bytes.length === 0) return null;
  if (example === undefined || typeof example === 'string') return output.text();
  return bytesOf(example) === undefined ? output.json() : output.bytes;
}

// An event of a plugin, as it travels in JSON.
import { anything, filled, map, object, type Reader, readJson, text } from './json.ts';

/** Something that happened while a plugin executed. */
export interface PluginEvent {
  /** The plugin's name. */
  readonly plugin: string;
  readonly kind: string;
  /** What happened, by name; values that JSON has. Absent when there is nothing to say. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

// 1 MiB: an event tells of something; what was sent or received is the output's.
const PLUGIN_EVENT_MAX_BYTES = 1024 * 1024;

/** An event within a document. */
export const PLUGIN_EVENT: Reader<PluginEvent> = object({
  plugin: text,
  kind: text,
  data: filled(map(anything)),
});

/** What a plugin emitted. @throws PlugbayError `invalid`, `limit` (1 MiB). */
export function decodePluginEvent(bytes: Uint8Array): PluginEvent {
  return readJson(bytes, PLUGIN_EVENT_MAX_BYTES, PLUGIN_EVENT);
}

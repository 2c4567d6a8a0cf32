// What a plugin says about itself, as it travels between plugin and host in JSON.
import { flag, list, map, object, type Reader, readJson, text } from './json.ts';

/** A protocol that a plugin serves, as it stands before `://` in a target; compared as it is written. */
export type Protocol = string;

/** What a field of a test, or of an event, holds. */
export interface FieldSpec {
  /** `string`, `number`, `bool`, `object`, `array`, `map` or `any`; what else a plugin says is kept. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** A kind of event that a plugin declares. */
export interface EventSpec {
  readonly description: string;
  /** What its data holds, by name. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
}

/** What a plugin says about itself, for whoever lists plugins. */
export interface PluginSchema {
  /** How it calls itself. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly protocols: readonly Protocol[];
  /** What it needs of its host. */
  readonly capabilities: readonly string[];
  /** The fields of a test that it reads, by name. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** The kinds of events that it emits, by kind. */
  readonly events: Readonly<Record<string, EventSpec>>;
}

// 1 MiB: some thousand fields with a description each.
const PLUGIN_SCHEMA_MAX_BYTES = 1024 * 1024;

const FIELD_SPEC: Reader<FieldSpec> = object({ type: text, required: flag, description: text });
const EVENT_SPEC: Reader<EventSpec> = object({ description: text, fields: map(FIELD_SPEC) });
const PLUGIN_SCHEMA: Reader<PluginSchema> = object({
  name: text,
  version: text,
  description: text,
  protocols: list(text),
  capabilities: list(text),
  fields: map(FIELD_SPEC),
  events: map(EVENT_SPEC),
});

/** What `plugin_info` answered. @throws PlugbayError `invalid`, `limit` (1 MiB). */
export function decodePluginSchema(bytes: Uint8Array): PluginSchema {
  return readJson(bytes, PLUGIN_SCHEMA_MAX_BYTES, PLUGIN_SCHEMA);
}

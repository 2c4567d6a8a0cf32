// What a plugin says about itself, settled when it is loaded.
import type { EventSpec, FieldSpec, PluginSchema, Protocol } from './wire/plugin.ts';

/** A plugin's name, protocols, capabilities, fields and events. Nothing of it can be changed. */
export class PluginInfo implements PluginSchema {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly protocols: readonly Protocol[];
  readonly capabilities: readonly string[];
  readonly fields: Readonly<Record<string, FieldSpec>>;
  readonly events: Readonly<Record<string, EventSpec>>;

  /** What is left out is empty. `schema` is copied. */
  constructor(schema: Partial<PluginSchema>) {
    this.name = schema.name ?? '';
    this.version = schema.version ?? '';
    this.description = schema.description ?? '';
    this.protocols = frozen(schema.protocols ?? []);
    this.capabilities = frozen(schema.capabilities ?? []);
    this.fields = frozen(schema.fields ?? {});
    this.events = frozen(schema.events ?? {});
    Object.freeze(this);
  }

  /** The same as plain data, a copy that belongs to the caller. */
  snapshot(): PluginSchema {
    return structuredClone({ ...this });
  }
}

function frozen<T extends object>(value: T): T {
  return freezeDeep(structuredClone(value));
}

function freezeDeep<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) freezeDeep(part);
  }
  return Object.freeze(value);
}

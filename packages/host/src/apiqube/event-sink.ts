// The way of a plugin's events to the app: each is looked at, none vanishes unseen, and none passes for another plugin's.
import { isPlugbayError, type Logger } from '@plugbay/core';
import type { PluginInfo } from './plugin-info.ts';
import { decodePluginEvent, type PluginEvent } from './wire/event.ts';
import { shown } from './wire/json.ts';

/** What the host found about an event. */
export interface EventFacts {
  /**
   * How it came: `emitted` while the plugin ran, or `embedded` in its output. A plugin that does both with one event is heard twice;
   * only who knows the plugin can tell that from two events.
   */
  readonly origin: 'emitted' | 'embedded';
  /** Whether the plugin declares events of this kind. */
  readonly declared: boolean;
  /** The other name that the plugin gave as its own; absent when it gave its own or none. The event bears the plugin's own. */
  readonly claimed?: string | undefined;
}

/**
 * Gets the events of one execution, in the order in which the plugin emitted them, those in its output last. It is called while the
 * plugin waits; what it throws fails the execution.
 */
export type EventSink = (event: PluginEvent, facts: EventFacts) => void;

// 10: enough to see what a plugin does wrong, and too few to fill a log with it.
const WARNINGS_MAX = 10;

/** The events of one execution. */
export class ExecutionEvents {
  readonly #info: PluginInfo;
  readonly #facts: { readonly plugin: string };
  readonly #logger: Logger;
  readonly #sink: EventSink | undefined;
  #warnings = 0;

  /** Of the plugin `info`, which is loaded as `loadedAs`. Without a sink they are looked at and dropped. */
  constructor(loadedAs: string, info: PluginInfo, logger: Logger, sink: EventSink | undefined) {
    this.#facts = { plugin: loadedAs };
    this.#info = info;
    this.#logger = logger;
    this.#sink = sink;
  }

  /** An event that the plugin emitted, as its JSON. One that is malformed is logged and goes no further. @throws what the sink throws. */
  emitted(json: Uint8Array): void {
    const event = this.#decoded(json);
    if (event !== undefined) this.#deliver(event, 'emitted');
  }

  /** The events in its output. @throws what the sink throws. */
  embedded(events: readonly PluginEvent[]): void {
    for (const event of events) this.#deliver(event, 'embedded');
  }

  #decoded(json: Uint8Array): PluginEvent | undefined {
    try {
      return decodePluginEvent(json);
    } catch (error) {
      if (!isPlugbayError(error)) throw error;
      this.#warn(`it emitted a malformed event: ${error.message}`);
      return undefined;
    }
  }

  #deliver(event: PluginEvent, origin: EventFacts['origin']): void {
    const { name, events } = this.#info;
    const declared = Object.hasOwn(events, event.kind);
    const claimed = event.plugin === '' || event.plugin === name ? undefined : event.plugin;
    const called = `an ${origin} event of the kind ${shown(event.kind)}`;
    if (!declared) this.#warn(`${called} is none that the plugin declares`);
    if (claimed !== undefined) this.#warn(`${called} claims to be of the plugin ${shown(claimed)}`);
    const facts = claimed === undefined ? { origin, declared } : { origin, declared, claimed };
    this.#sink?.({ ...event, plugin: name }, facts);
  }

  #warn(message: string): void {
    this.#warnings += 1;
    if (this.#warnings > WARNINGS_MAX) return;
    const last = this.#warnings === WARNINGS_MAX ? '; what follows in this execution is not logged' : '';
    this.#logger.warn(this.#facts, `${message}${last}`);
  }
}

// The error for a plugin that needs of its host what it does not get.
import { type ErrorFacts, PlugbayError } from '@plugbay/core';
import { shown } from './wire/json.ts';

/**
 * A plugin declares a capability that there is not (`unsupported`), or that it was not granted (`denied`). A {@link PlugbayError}
 * like any other, which also says which capability it is.
 */
export class MissingCapabilityError extends PlugbayError {
  /** The name under which the plugin was to be loaded. */
  override readonly plugin: string;
  /** What it declares. */
  readonly capability: string;

  constructor(
    code: 'unsupported' | 'denied',
    message: string,
    missing: { readonly plugin: string; readonly capability: string } & ErrorFacts,
  ) {
    super(code, message, { phase: 'open', ...missing });
    this.plugin = missing.plugin;
    this.capability = missing.capability;
  }

  /** For a capability that there is not. */
  static unsupported(plugin: string, capability: string): MissingCapabilityError {
    const message = `plugin ${shown(plugin)} requires unsupported capability ${shown(capability)}`;
    return new MissingCapabilityError('unsupported', message, { plugin, capability });
  }

  /** For one that it was not granted. */
  static denied(plugin: string, capability: string): MissingCapabilityError {
    const message = `plugin ${shown(plugin)} requires capability ${shown(capability)}, which it is not granted`;
    const hint = `Grant it with the option capabilities: { ${JSON.stringify(plugin)}: [${JSON.stringify(capability)}] }.`;
    return new MissingCapabilityError('denied', message, { plugin, capability, hint });
  }

  /** The same of the plugin in the file at `path`. */
  at(path: string): MissingCapabilityError {
    const { plugin, capability, hint } = this;
    const code = this.code === 'denied' ? 'denied' : 'unsupported';
    return new MissingCapabilityError(code, `load ${path}: ${this.message}`, {
      plugin,
      capability,
      hint,
      cause: this,
    });
  }
}

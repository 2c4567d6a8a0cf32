// Capabilities: what a plugin can ask of its host, and which of it the embedding app grants to whom.
import { listing, PlugbayError } from '@plugbay/core';
import { MissingCapabilityError } from './missing-capability.ts';

/** The capabilities that there are. `http`: requests to web servers, as far as the runtime's `http` options let them go. */
export const SUPPORTED_CAPABILITIES = ['http'] as const;

/** One of {@link SUPPORTED_CAPABILITIES}. */
export type Capability = (typeof SUPPORTED_CAPABILITIES)[number];

/** What plugins are granted: all of them the same, or each by the name it is loaded under; a name that is not there gets nothing. */
export type CapabilityGrants = readonly Capability[] | Readonly<Record<string, readonly Capability[]>>;

/** Whether there is a capability of exactly this name. */
export function isSupported(name: string): name is Capability {
  return (SUPPORTED_CAPABILITIES as readonly string[]).includes(name);
}

/** Passes when every grant is of a capability that there is. @throws PlugbayError `invalid`. */
export function requireKnownCapabilities(grants: CapabilityGrants): void {
  const granted: readonly string[] = isList(grants) ? grants : Object.values(grants).flat();
  const unknown = granted.find((name) => !isSupported(name));
  if (unknown === undefined) return;
  throw new PlugbayError('invalid', `there is no capability ${JSON.stringify(unknown)} to grant`, {
    hint: `Grant of: ${listing(SUPPORTED_CAPABILITIES)}.`,
  });
}

/** What the plugin that is loaded as `plugin` is granted. */
export function grantedTo(plugin: string, grants: CapabilityGrants): readonly Capability[] {
  if (isList(grants)) return grants;
  return Object.hasOwn(grants, plugin) ? (grants[plugin] ?? []) : [];
}

/** Passes when the plugin is granted all that it declares. @throws MissingCapabilityError for the first that it is not. */
export function requireCapabilities(
  plugin: string,
  declared: readonly string[],
  granted: readonly Capability[],
): void {
  for (const capability of declared) {
    if (!isSupported(capability)) throw MissingCapabilityError.unsupported(plugin, capability);
    if (!granted.includes(capability)) throw MissingCapabilityError.denied(plugin, capability);
  }
}

function isList(grants: CapabilityGrants): grants is readonly Capability[] {
  return Array.isArray(grants);
}

// The client: what an app holds to call its guests' plugins.
import { join } from 'node:path';
import type { BindingsRecord, InviteRecord } from '@plugbay/core';
import { ContentCache, RecordCache } from '@plugbay/loader';
import type { GuestSources } from './guest.ts';
import { createOpener, type Opener } from './opener.ts';
import { type ClientOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { PointCaller, type UntypedCallOptions } from './point.ts';
import { askOrRecall } from './recall.ts';
import { type Invitation, type Point, parseBindings, parsePoints, Registry } from './registry.ts';
import type { PointFunctions, PointTypes, UntypedPoints } from './types.ts';

/** Calls the plugins that guests put into an app's extension points. */
export interface Client<P extends PointTypes = UntypedPoints> extends AsyncDisposable {
  /** `extensionPoints.NAME.EXPORT(guestKey, input, options)` calls the guest's plugin. */
  readonly extensionPoints: PointFunctions<P>;
  /** The names that a guest has plugins bound to at an extension point; none for a point or guest that nobody knows. */
  listAvailablePlugins(extensionPoint: string, guestKey: string): Promise<string[]>;
  /** A guest's bindings at an extension point by name; null for a point that the app does not have. */
  getBinding(extensionPoint: string, guestKey: string): Promise<BindingsRecord | null>;
  /** Invites a guest to write plugins for the app. @throws PlugbayError as the server answers. */
  inviteGuest(invitation: Invitation): Promise<InviteRecord>;
  /** A client of the same extension points with other options, without asking the server for them again. */
  clone(options: Partial<ClientOptions>): Client<P>;
  /** Closes every open plugin of this client, and their HTTP connections, once nothing uses them. May be called again; the client stays usable. */
  close(): Promise<void>;
}

/**
 * Learns the app's extension points from the registry, or from `cacheDir` while it is away.
 * @throws PlugbayError `invalid` (options, or a server that is none), `unauthenticated`, `not_found` (the app), `unavailable`, `timeout`.
 */
export async function createClient<P extends PointTypes = UntypedPoints>(
  options: ClientOptions,
): Promise<Client<P>> {
  const resolved = resolveOptions(options);
  const { origin, appId, cacheDir, logger } = resolved;
  const opener = createOpener(resolved);
  const registry = new Registry(resolved);
  const points = await askOrRecall({
    key: JSON.stringify([origin, appId]),
    records: new RecordCache(join(cacheDir, 'points'), logger, parsePoints),
    logger,
    nothing: [],
    ask: () => registry.points(),
  });
  await new ContentCache(join(cacheDir, 'content'), logger).sweep(resolved.clock.now());
  return assemble<P>(options, resolved, opener, points);
}

function assemble<P extends PointTypes>(
  given: ClientOptions,
  options: ResolvedOptions,
  opener: Opener,
  points: readonly Point[],
): Client<P> {
  const { cacheDir, logger } = options;
  const registry = new Registry(options);
  const sources: GuestSources = {
    options,
    registry,
    opener,
    content: new ContentCache(join(cacheDir, 'content'), logger),
    records: new RecordCache(join(cacheDir, 'bindings'), logger, parseBindings),
  };
  const callers = new Map(points.map((point) => [point.name, new PointCaller(sources, point)]));

  const getBinding: Client['getBinding'] = async (extensionPoint, guestKey) => {
    const bindings = callers.get(extensionPoint)?.guest(guestKey).bindings;
    if (bindings === undefined) return null;
    return bindings.fresh(options.clock.monotonic()) ?? bindings.refresh();
  };
  const close = async (): Promise<void> => {
    for (const caller of callers.values()) caller.close();
    await opener.close();
  };
  return {
    extensionPoints: functionsOf<P>(callers),
    getBinding,
    listAvailablePlugins: async (extensionPoint, guestKey) =>
      Object.keys((await getBinding(extensionPoint, guestKey)) ?? {}),
    inviteGuest: (invitation) => registry.invite(invitation),
    clone: (other) => {
      const merged = { ...given, ...other };
      const resolved = resolveOptions(merged);
      return assemble<P>(merged, resolved, createOpener(resolved), points);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

// Objects without a prototype, so that a point or an export may have any name, `toString` and `__proto__` too.
function functionsOf<P extends PointTypes>(callers: ReadonlyMap<string, PointCaller>): PointFunctions<P> {
  const points: Record<string, unknown> = Object.create(null);
  for (const [name, caller] of callers) {
    const functions: Record<string, unknown> = Object.create(null);
    for (const exportName of caller.exports) {
      functions[exportName] = (guestKey: string, input?: unknown, options?: UntypedCallOptions) =>
        caller.call(exportName, guestKey, input, options);
    }
    points[name] = Object.freeze(functions);
  }
  return Object.freeze(points) as PointFunctions<P>;
}

// Where plugins of the façade run: what holds for one place has to hold for the other.
import { createPlugin, type ExtismPluginOptions, type ManifestLike, type Plugin } from '@plugbay/wasm/extism';

/** One place. */
export interface Place {
  readonly runInWorker: boolean;
  readonly name: string;
  /** Creates a plugin there. */
  create(manifest: ManifestLike | PromiseLike<ManifestLike>, options?: ExtismPluginOptions): Promise<Plugin>;
}

const placeOf = (name: string, runInWorker: boolean): Place => ({
  name,
  runInWorker,
  create: (manifest, options = {}) => createPlugin(manifest, { ...options, runInWorker }),
});

/** Both places. */
export const PLACES: readonly Place[] = [placeOf('on this thread', false), placeOf('in a worker', true)];

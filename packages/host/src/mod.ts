// The public surface of @plugbay/host.
export { createHost, type Host } from './host.ts';
export type { HostOptions, PluginOptions, PluginOrigin, RuntimeOf } from './options.ts';

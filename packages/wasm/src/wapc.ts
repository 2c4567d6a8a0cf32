// The surface of @plugbay/wasm/wapc: that of the waPC project's host for JavaScript, so that an app can change its import.
// biome-ignore lint/performance/noBarrelFile: it is an entry of the package, as mod.ts is.
// biome-ignore lint/performance/noReExportAll: the peer has its errors under one name.
export * as errors from './facade/wapc/errors.ts';
export { WapcHost } from './facade/wapc/host.ts';
export { instantiate, instantiateStreaming } from './facade/wapc/instantiate.ts';
export type { HostCall, WapcLogger, WapcOptions, Writer } from './facade/wapc/types.ts';

// The surface of @plugbay/wasm/extism: that of the Extism project's SDK for JavaScript, so that an app can change its import.
export type { CallContext, CallContext as CurrentPlugin } from './facade/extism/call-context.ts';
// biome-ignore lint/performance/noBarrelFile: it is an entry of the package, as mod.ts is.
export { CAPABILITIES, type Capabilities } from './facade/extism/capabilities.ts';
export {
  createPlugin,
  // biome-ignore lint/style/noDefaultExport: the SDK has one.
  createPlugin as default,
  createPlugin as newPlugin,
} from './facade/extism/create-plugin.ts';
export type { PluginOutput } from './facade/extism/output.ts';
export type {
  ExtismPluginOptions,
  LogLevel,
  Manifest,
  ManifestLike,
  ManifestOptions,
  ManifestWasm,
  ManifestWasmData,
  ManifestWasmModule,
  ManifestWasmPath,
  ManifestWasmResponse,
  ManifestWasmUrl,
  MemoryOptions,
  Plugin,
  PluginConfig,
  PluginConfigLike,
} from './facade/extism/types.ts';

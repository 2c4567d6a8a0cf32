// The public surface of @plugbay/host/apiqube: protocol plugins behind the ApiQube ABI, with the names of its package `plugin`.
// biome-ignore lint/performance/noBarrelFile: it is an entry of the package, as mod.ts is.
export {
  type Capability,
  type CapabilityGrants,
  isSupported,
  SUPPORTED_CAPABILITIES,
} from './apiqube/capability.ts';
export type { EventFacts, EventSink } from './apiqube/event-sink.ts';
export { Loader } from './apiqube/loader.ts';
export { MissingCapabilityError } from './apiqube/missing-capability.ts';
export type { HttpOptions, WasmRuntimeOptions } from './apiqube/options.ts';
export type { CallBounds, CloseOptions, ExecuteOptions, Plugin } from './apiqube/plugin.ts';
export { PluginInfo } from './apiqube/plugin-info.ts';
export { type PluginConfigs, Registry } from './apiqube/registry.ts';
export type { WasmPlugin } from './apiqube/wasm-plugin.ts';
export { type ModuleFacts, WasmRuntime } from './apiqube/wasm-runtime.ts';
export { decodePluginEvent, type PluginEvent } from './apiqube/wire/event.ts';
export {
  decodeHttpRequest,
  encodeHttpResponse,
  type HTTPRequest,
  type HTTPResponse,
} from './apiqube/wire/http.ts';
export {
  decodePluginSchema,
  type EventSpec,
  type FieldSpec,
  type PluginSchema,
  type Protocol,
} from './apiqube/wire/plugin.ts';
export {
  decodeFieldErrors,
  decodeTestOutput,
  encodeTestInput,
  type FieldError,
  type TestInput,
  type TestOutput,
} from './apiqube/wire/test-io.ts';

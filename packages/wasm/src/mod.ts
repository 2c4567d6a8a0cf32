// The public surface of @plugbay/wasm.
export { EXTISM_ENV, EXTISM_ENV_NAMES } from './abi/extism/env.ts';
export type { ModuleLoading } from './abi/extism/manifest-load.ts';
export { type ManifestSource, readManifest } from './abi/extism/manifest-source.ts';
export type { ExternalKind } from './binary/external.ts';
export type { CustomSection } from './binary/module-shape.ts';
export { type GuardPolicy, INLINE_POLICY } from './binary/policy.ts';
export {
  createInlineRuntime,
  type InlineRuntime,
  type InlineRuntimeOptions,
  type LocalPlugin,
} from './engine/inline/runtime.ts';
export { limitProcess, type ProcessLimits } from './engine/process-limits.ts';
export {
  createWorkerRuntime,
  type ThreadedPlugin,
  type WorkerRuntime,
  type WorkerRuntimeOptions,
} from './engine/worker/runtime.ts';
export {
  type ExportDescription,
  type ExternalDescription,
  type ImportGroup,
  inspectModule,
  type MemoryDescription,
  type ModuleDescription,
  type Provider,
  type SectionDescription,
} from './inspect.ts';
export { type PluginDescription, validateModule } from './validate.ts';
export { WASI_FUNCTION_NAMES } from './wasi/signatures.ts';

// The public surface of @plugbay/core.
export { asynchronous, isAsynchronous } from './asynchronous.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export { binaryCodec, bytesOf, type Codec, jsonCodec, textCodec } from './codec.ts';
export {
  CONTENT_ADDRESS_PATTERN,
  contentAddress,
  parseContentAddress,
  verifyContent,
} from './content-address.ts';
export type {
  HostCall,
  HostDoor,
  HostFunction,
  HostFunctionContext,
  HostFunctionResult,
  HostFunctions,
  HostReply,
} from './door.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorFacts,
  isPlugbayError,
  messageOf,
  type Phase,
  PlugbayError,
} from './error.ts';
export { GUEST_KEY_MAX_CHARACTERS, parseGuestKey } from './guest-key.ts';
export { type Invocation, rootInvocation, type TraceContext } from './invocation.ts';
export {
  ARTIFACT_MAX_BYTES,
  DEFAULT_LIMITS,
  type Limits,
  PAGE_BYTES,
  resolveLimits,
  VARIABLE_OVERHEAD_BYTES,
} from './limits.ts';
export { listing } from './listing.ts';
export {
  completeLogger,
  LOG_LEVELS,
  type Logger,
  type LogLevel,
  type LogMethod,
  silentLogger,
} from './logger.ts';
export { decodeJson, decodeText, pluginOutput } from './output.ts';
export type {
  AbiName,
  CallOptions,
  Plugin,
  PluginFunction,
  PluginInfo,
  PluginOutput,
  PluginStats,
} from './plugin.ts';
export { type PoolOptions, type PoolSettings, resolvePool } from './pool.ts';
export type {
  AppRecord,
  ArtifactRecord,
  BindingRecord,
  BindingsRecord,
  ExtensionPointRecord,
  InviteRecord,
  PageRecord,
  ProblemRecord,
  TokenRecord,
} from './registry.ts';
export type { ModuleSource, OpenOptions, PluginSource, Runtime } from './runtime.ts';
export { newTypeId, parseTypeId, typeIdTime } from './typeid.ts';
export type { WasiClock, WasiDirectory, WasiGrants, WasiOutput } from './wasi.ts';
export { xidSource } from './xid.ts';

// The public surface of @plugbay/client.
export { type Client, createClient } from './client.ts';
export type { MemoryOptions } from './memory.ts';
export type { ClientOptions } from './options.ts';
export type { Invitation } from './registry.ts';
export type { CallPointOptions, PointFunction, PointFunctions, PointTypes, UntypedPoints } from './types.ts';

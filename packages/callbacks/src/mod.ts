// The public surface of @plugbay/callbacks.
export { type HttpCapability, type HttpCapabilityOptions, httpCapability } from './capability/http.ts';
export { type Grant, grantsFor, isGranted } from './grant.ts';
export { type AsyncCallback, type Callback, type Caller, Router, type SyncCallback } from './router.ts';

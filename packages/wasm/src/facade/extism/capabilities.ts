// What this implementation can do, in the SDK's words.
import { isOutputWanted } from './settings.ts';

/** What a platform can do. */
export interface Capabilities {
  /** Whether asynchronous host functions work without a worker. */
  readonly supportsJSPromiseInterface: boolean;
  /** Whether texts can be decoded from memory that is shared with workers. */
  readonly allowSharedBufferCodec: boolean;
  /** Whether a manifest may name files. */
  readonly manifestSupportsPaths: boolean;
  /** Whether the platform itself restricts where HTTP requests may go. */
  readonly crossOriginChecksEnforced: boolean;
  /** Whether there are files that a plugin can be given. */
  readonly fsAccess: boolean;
  /** Whether plugins can run in workers. */
  readonly hasWorkerCapability: boolean;
  readonly supportsWasiPreview1: boolean;
  readonly supportsTimeouts: boolean;
  /** Whether EXTISM_ENABLE_WASI_OUTPUT is set. */
  readonly extismStdoutEnvVarSet: boolean;
}

/** What Plugbay on Node can do. */
export const CAPABILITIES: Capabilities = Object.freeze({
  supportsJSPromiseInterface: true,
  allowSharedBufferCodec: false,
  manifestSupportsPaths: true,
  crossOriginChecksEnforced: false,
  fsAccess: true,
  hasWorkerCapability: true,
  supportsWasiPreview1: true,
  supportsTimeouts: true,
  get extismStdoutEnvVarSet() {
    return isOutputWanted();
  },
});

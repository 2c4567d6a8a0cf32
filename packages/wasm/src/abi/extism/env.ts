// What a host of the Extism ABI provides by itself, by name; all of it is always there.
import { KERNEL_NAMES } from './kernel.ts';

/** The namespace of the ABI's own imports. */
export const EXTISM_ENV = 'extism:host/env';

/** Every function of {@link EXTISM_ENV}: those of the kernel, and two that never touch its memory. */
export const EXTISM_ENV_NAMES: readonly string[] = [...KERNEL_NAMES, 'http_status_code', 'get_log_level'];

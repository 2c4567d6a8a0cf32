// The kernel as TypeScript sees it: what it is given, what it gives, and where its state words are.
import { KERNEL_BASE64, SHARED_KERNEL_BASE64 } from './kernel.generated.ts';

/** What the kernel asks of its host. A block is given as (offset, length): 0 and 0 for null, length -1 for no block. */
export interface KernelImports {
  readonly memory: WebAssembly.Memory;
  /** Answers with the offset of a new block, or 0. */
  config_get(key: number, keyLength: number): number;
  /** Answers with the offset of a new block, or 0. */
  var_get(key: number, keyLength: number): number;
  /** A null value deletes. */
  var_set(key: number, keyLength: number, value: number, valueLength: number): void;
  log(level: number, text: number, textLength: number): void;
  /** Answers with the offset of a new block, or 0; suspending when the answer is a promise. */
  readonly http_request:
    | WebAssembly.Suspending
    | ((request: number, requestLength: number, body: number, bodyLength: number) => number);
  /** Answers with the offset of a new block, or 0. */
  http_headers(): number;
}

/** What the host asks of the kernel; beside it, the kernel exports every name of {@link KERNEL_NAMES} for the guest. */
export interface Kernel {
  /** A new block that is not zeroed; 0 when it does not fit. */
  take(length: number): number;
  /** Looks how large the memory is. To be called before the guest goes on when another thread may have grown it. */
  measure(): void;
}

/** The state words, as indices of 32-bit words; kernel.wat says what they mean. */
export const WORD = {
  top: 0,
  last: 1,
  input: 2,
  inputLength: 3,
  output: 4,
  outputLength: 5,
  error: 6,
  errorLength: 7,
  limit: 8,
  content: 9,
  contentLimit: 10,
  keep: 11,
  refused: 12,
} as const;

/** A block's header, in bytes before the block, and what marks a live one. */
export const HEADER = { bytes: 16, mark: 8, length: 4, magic: 0x5eedb10c } as const;

/** Where the arena starts. Bytes. */
export const ARENA_START = 64;

/** The imports from `extism:host/env` that the kernel answers, some of them with its host's help. */
export const KERNEL_NAMES: readonly string[] = [
  'alloc',
  'free',
  'length',
  'length_unsafe',
  'load_u8',
  'load_u64',
  'store_u8',
  'store_u64',
  'input_offset',
  'input_length',
  'input_load_u8',
  'input_load_u64',
  'output_set',
  'error_set',
  'error_get',
  'config_get',
  'var_get',
  'var_set',
  'http_request',
  'http_headers',
  'log_trace',
  'log_debug',
  'log_info',
  'log_warn',
  'log_error',
];

/** The kernel's bytes; of the one that imports a shared memory, when it is to work on one. */
export function kernelBytes(shared = false): Uint8Array {
  return Buffer.from(shared ? SHARED_KERNEL_BASE64 : KERNEL_BASE64, 'base64');
}

/** Compiles the kernel by itself, for a shared memory or one of its own; some tenths of a millisecond. */
export function compileKernel(shared = false): WebAssembly.Module {
  return new WebAssembly.Module(kernelBytes(shared));
}

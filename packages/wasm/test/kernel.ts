// The kernel by itself, with a host that answers nothing.
import {
  ARENA_START,
  compileKernel,
  type Kernel,
  type KernelImports,
  WORD,
} from '../src/abi/extism/kernel.ts';

/** Everything the kernel exports, for guest and host. */
export interface WholeKernel extends Kernel {
  /** Forgets everything and makes room for an input; its offset, or 0. As the host does it. */
  begin(inputLength: number): number;
  alloc(length: bigint): bigint;
  length_of(handle: bigint): number;
  error_set(handle: bigint): void;
  free(handle: bigint): void;
  length(handle: bigint): bigint;
  length_unsafe(handle: bigint): bigint;
  load_u8(at: bigint): number;
  load_u64(at: bigint): bigint;
  store_u8(at: bigint, value: number): void;
  store_u64(at: bigint, value: bigint): void;
  input_offset(): bigint;
  input_length(): bigint;
  input_load_u8(at: bigint): number;
  input_load_u64(at: bigint): bigint;
  output_set(at: bigint, length: bigint): void;
  error_get(): bigint;
  config_get(key: bigint): bigint;
  var_get(key: bigint): bigint;
  var_set(key: bigint, value: bigint): void;
  http_request(request: bigint, body: bigint): bigint;
  http_headers(): bigint;
  log_trace(text: bigint): void;
  log_error(text: bigint): void;
}

/** A kernel whose arena may have `bytes`, and its memory. */
export function newKernel(
  bytes: number,
  imports: Partial<KernelImports> = {},
): { kernel: WholeKernel; memory: WebAssembly.Memory; word(index: number): number } {
  const maximum = Math.ceil((bytes + 64) / 65_536);
  const memory = new WebAssembly.Memory({ initial: 1, maximum });
  new Int32Array(memory.buffer)[WORD.limit] = bytes + 64;
  return {
    kernel: kernelOn(memory, imports),
    memory,
    word: (index) => new Int32Array(memory.buffer)[index] as number,
  };
}

/** A kernel on this memory, which may be a shared one. */
export function kernelOn(memory: WebAssembly.Memory, imports: Partial<KernelImports> = {}): WholeKernel {
  const host = {
    config_get: () => 0,
    var_get: () => 0,
    var_set: () => undefined,
    log: () => undefined,
    http_request: () => 0,
    http_headers: () => 0,
    ...imports,
    memory,
  };
  const kernel = new WebAssembly.Instance(compileKernel(isShared(memory)), { host })
    .exports as unknown as WholeKernel;
  const begin = (length: number): number => {
    const kept: number[] = [WORD.limit, WORD.contentLimit, WORD.keep];
    const words = new Int32Array(memory.buffer, 0, ARENA_START / 4);
    for (let word = 0; word < words.length; word++) if (!kept.includes(word)) words[word] = 0;
    words[WORD.top] = ARENA_START;
    const input = length === 0 ? 0 : kernel.take(length);
    if (input !== 0) new Int32Array(memory.buffer).set([input, length], WORD.input);
    return input;
  };
  return { ...kernel, begin };
}

function isShared({ buffer }: WebAssembly.Memory): boolean {
  return !(buffer instanceof ArrayBuffer);
}

// The host's side of the exchange memory of one instance: what goes in, what comes out.
import { decodeText, type Limits, PAGE_BYTES, PlugbayError } from '@plugbay/core';
import { isShortAscii, readShortAscii, writeAscii } from '../ascii.ts';
import { ERROR_TEXT_BYTES } from '../error-text.ts';
import { NO_OUTPUT } from '../no-output.ts';
import { ARENA_START, HEADER, type Kernel, WORD } from './kernel.ts';

/** Bytes that an exchange memory may have at most: all its offsets are small positive 32-bit integers. */
export const EXCHANGE_MAX_BYTES: number = 2 ** 31 - 2 * PAGE_BYTES;

// 64 KiB hold most calls whole, and an instance's start is paid by the page: 10 µs for one, 130 µs for 16.
const INITIAL_PAGES = 1;

// Up to here a loop is faster than a call into the runtime.
const SHORT_BYTES = 32;

const unbound = (): never => {
  throw new PlugbayError('internal', 'the exchange memory is used before its kernel');
};
const UNBOUND: Kernel = { take: unbound, measure: unbound };

const encoder = new TextEncoder();
// For errors: one that is not UTF-8 is an error still.
const lenient = new TextDecoder();

/** What an exchange works on. */
export interface ExchangeOptions {
  /** Whether its memory can be worked on from another thread too. @default false */
  readonly shared?: boolean;
  /** The memory of another thread's exchange of the same limits: this one works on that, and begins nothing anew. @default a new one */
  readonly memory?: WebAssembly.Memory;
}

const OWN_MEMORY: ExchangeOptions = {};

/**
 * One kernel's memory. Nothing that a guest writes makes a method read or write outside of it. A shared memory has an exchange on
 * each of its threads, each with a kernel of its own; they take turns, and whoever hands over orders what both wrote.
 */
export class Exchange {
  readonly memory: WebAssembly.Memory;
  #kernel: Kernel = UNBOUND;
  readonly #limits: Limits;
  readonly #shared: boolean;
  #bytes: Uint8Array;
  #words: Int32Array;

  /** Without its kernel, which {@link bind} brings. @throws RangeError when there is no memory for it. */
  constructor(limits: Limits, { shared = false, memory }: ExchangeOptions = OWN_MEMORY) {
    this.#limits = limits;
    this.#shared = shared || memory !== undefined;
    this.memory = memory ?? newMemory(limits, shared);
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#words = new Int32Array(this.memory.buffer);
  }

  /** Takes the kernel that works on this memory. Nothing else can be done before. */
  bind(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  /** To be called before this thread's guest goes on, when another thread may have stored something. */
  measure(): void {
    this.#kernel.measure();
  }

  /** The whole memory, until the guest runs again or something is stored: growing replaces it. */
  get live(): Uint8Array {
    return this.#bytesUpTo(this.#words[WORD.top] as number);
  }

  /** From now on, all live blocks have `bytes` bytes at most, without what keeping them takes. From 1; Infinity for no such limit. */
  limitContent(bytes: number): void {
    this.#liveWords()[WORD.contentLimit] = bytes > EXCHANGE_MAX_BYTES ? 0 : bytes;
  }

  /** From now on, what a guest sets as a variable's value stays a block of its own. */
  keepValues(): void {
    this.#liveWords()[WORD.keep] = 1;
  }

  /** Bytes that all live blocks would have had, with the last one that this call was refused; undefined when none was. */
  get refusedContent(): number | undefined {
    const words = this.#liveWords();
    const [low, high] = [words[WORD.refused], words[WORD.refused + 1]] as [number, number];
    const bytes = (high >>> 0) * 2 ** 32 + (low >>> 0);
    return bytes === 0 ? undefined : bytes;
  }

  /** Forgets the last call and writes the input of the next. @throws PlugbayError `limit`. */
  begin(input: Uint8Array | string | undefined): void {
    if (input === undefined || input.length === 0) this.#forget();
    else if (typeof input === 'string') this.#beginText(input);
    else {
      // Before the memory is looked at: making room may grow it.
      const start = this.#beginBytes(input.length);
      this.#write(input, start);
    }
  }

  /** The output, a copy or a view of this memory. @throws PlugbayError `limit` beyond `outputBytes`. */
  output(asView = false): Uint8Array {
    const words = this.#liveWords();
    const length = words[WORD.outputLength] as number;
    if (length === 0) return words[WORD.output] === 0 ? NO_OUTPUT : new Uint8Array(0);
    if (length > this.#limits.outputBytes) {
      throw new PlugbayError(
        'limit',
        `the output has ${length} bytes; outputBytes is ${this.#limits.outputBytes}`,
      );
    }
    const start = words[WORD.output] as number;
    // Making a view of a few bytes takes as long as copying them.
    return asView && length > SHORT_BYTES ? this.view(start, length) : this.copy(start, length);
  }

  /** Whether an error is set that is not empty. */
  get failed(): boolean {
    return this.#liveWords()[WORD.errorLength] !== 0;
  }

  /** The text of the error that is set, cut after {@link ERROR_TEXT_BYTES}; undefined when none is, or an empty one. */
  error(): string | undefined {
    const words = this.#liveWords();
    const length = words[WORD.errorLength] as number;
    if (length === 0) return undefined;
    const start = words[WORD.error] as number;
    return lenient.decode(this.view(start, Math.min(length, ERROR_TEXT_BYTES)));
  }

  /** Sets the error that fails the call when it ends; undefined clears it. @throws PlugbayError `limit`. */
  setError(message: string | undefined): void {
    const block = message === undefined ? 0 : this.store(message);
    const words = this.#liveWords();
    words[WORD.error] = block;
    words[WORD.errorLength] = block === 0 ? 0 : this.#lengthAt(block);
  }

  /** Bytes of the block that starts at `handle`; 0 when none does. */
  lengthOf(handle: bigint): number {
    return this.#lengthAt(Number(handle));
  }

  /** A copy of the block that starts at `handle`; undefined when none does. */
  read(handle: bigint): Uint8Array | undefined {
    const block = Number(handle);
    const length = this.#lengthAt(block);
    return length === 0 ? undefined : this.copy(block, length);
  }

  /** The block that starts at `handle` as UTF-8; undefined when none does. @throws PlugbayError `invalid` when it is not UTF-8. */
  text(handle: bigint): string | undefined {
    const block = Number(handle);
    const length = this.#lengthAt(block);
    if (length === 0) return undefined;
    return readShortAscii(this.live, block, length) ?? decodeText(this.view(block, length));
  }

  /** A copy of bytes that the kernel vouches for. */
  copy(start: number, length: number): Uint8Array {
    const bytes = this.#bytesUpTo(start + length);
    if (length > SHORT_BYTES) return bytes.slice(start, start + length);
    const copied = new Uint8Array(length);
    for (let index = 0; index < length; index++) copied[index] = bytes[start + index] as number;
    return copied;
  }

  /** Bytes that the kernel vouches for, until the guest runs again. */
  view(start: number, length: number): Uint8Array {
    return this.#bytesUpTo(start + length).subarray(start, start + length);
  }

  /** A new zeroed block; 0n for no bytes. @throws PlugbayError `limit`. */
  alloc(length: number): bigint {
    if (length === 0) return 0n;
    const block = this.#take(length);
    this.live.fill(0, block, block + length);
    return BigInt(block);
  }

  /** The offset of a new block with this content; 0 for no content. @throws PlugbayError `limit`. */
  store(content: Uint8Array | string): number {
    if (typeof content === 'string' && isShortAscii(content)) return this.#storeAscii(content);
    const bytes = typeof content === 'string' ? encoder.encode(content) : content;
    const length = bytes.length;
    if (length === 0) return 0;
    const block = this.#take(length);
    this.#write(bytes, block);
    return block;
  }

  #storeAscii(text: string): number {
    if (text.length === 0) return 0;
    const block = this.#take(text.length);
    writeAscii(text, this.live, block);
    return block;
  }

  #write(bytes: Uint8Array, start: number): void {
    const { live } = this;
    const { length } = bytes;
    if (length > SHORT_BYTES) live.set(bytes, start);
    else for (let index = 0; index < length; index++) live[start + index] = bytes[index] as number;
  }

  // All blocks, input, output and error.
  #forget(): void {
    const words = this.#liveWords();
    words[WORD.top] = ARENA_START;
    words[WORD.last] = 0;
    words[WORD.input] = 0;
    words[WORD.inputLength] = 0;
    words[WORD.output] = 0;
    words[WORD.outputLength] = 0;
    words[WORD.error] = 0;
    words[WORD.errorLength] = 0;
    words[WORD.content] = 0;
    words[WORD.refused] = 0;
    words[WORD.refused + 1] = 0;
  }

  #beginText(input: string): void {
    if (isShortAscii(input)) {
      const start = this.#beginBytes(input.length);
      writeAscii(input, this.live, start);
      return;
    }
    const length = Buffer.byteLength(input);
    const start = this.#beginBytes(length);
    encoder.encodeInto(input, this.live.subarray(start, start + length));
  }

  #beginBytes(length: number): number {
    if (length > this.#limits.inputBytes) {
      throw new PlugbayError(
        'limit',
        `the input has ${length} bytes; inputBytes is ${this.#limits.inputBytes}`,
      );
    }
    this.#forget();
    const start = this.#take(length);
    const words = this.#liveWords();
    words[WORD.input] = start;
    words[WORD.inputLength] = length;
    return start;
  }

  #take(length: number): number {
    const block = this.#fits(length) ? this.#kernel.take(length) : 0;
    if (block === 0) throw this.#full(length);
    return block;
  }

  // As the kernel's own `length_of`: a call into it and a bigint would take longer than looking.
  #lengthAt(block: number): number {
    const words = this.#liveWords();
    const top = words[WORD.top] as number;
    if (block < ARENA_START + HEADER.bytes || block >= top || block & 7) return 0;
    if (words[(block - HEADER.mark) >> 2] !== (block ^ HEADER.magic)) return 0;
    const length = (words[(block - HEADER.length) >> 2] as number) >>> 0;
    return length > top - block ? 0 : length;
  }

  // The kernel counts in 32 bits: what is longer than all it has must not reach it.
  #fits(length: number): boolean {
    return length <= this.#limits.exchangeBytes;
  }

  #liveWords(): Int32Array {
    const words = this.#words;
    // Not so either when there are no words at all, because there is no number to compare with then.
    if (!(words.length * Int32Array.BYTES_PER_ELEMENT >= (words[WORD.top] as number))) this.#refresh();
    return this.#words;
  }

  #bytesUpTo(end: number): Uint8Array {
    const { length } = this.#bytes;
    if (length === 0 || !(length >= end)) this.#refresh();
    return this.#bytes;
  }

  // The views of a memory that grew have lost their bytes; those of a shared one end where it ended.
  #refresh(): void {
    // Tells this thread how far another one has grown it.
    if (this.#shared) this.memory.grow(0);
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#words = new Int32Array(this.memory.buffer);
  }

  #full(length: number): PlugbayError {
    const { exchangeBytes } = this.#limits;
    return new PlugbayError(
      'limit',
      `the exchange memory has no room for ${length} bytes; exchangeBytes is ${exchangeBytes}`,
    );
  }
}

function newMemory({ exchangeBytes }: Limits, shared: boolean): WebAssembly.Memory {
  const limit = Math.ceil((ARENA_START + exchangeBytes) / 8) * 8;
  const maximum = Math.ceil(limit / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: Math.min(INITIAL_PAGES, maximum), maximum, shared });
  new Int32Array(memory.buffer, WORD.limit * Int32Array.BYTES_PER_ELEMENT, 1)[0] = limit;
  return memory;
}

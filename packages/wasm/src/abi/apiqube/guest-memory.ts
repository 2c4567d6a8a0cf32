// The host's side of a guest's memory: what is read from it and written to it, by packed values.
import { PlugbayError } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { pack, unpack } from './packed.ts';

/** The guest's function that reserves memory; it may grow it. */
export type Allocate = (bytes: number) => unknown;

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** The memory of one instance. Nothing that a guest says makes a method read or write outside of it. */
export class GuestMemory {
  readonly #waiting: Environment['waiting'];
  #memory: WebAssembly.Memory | undefined;
  #allocate: Allocate | undefined;
  #live: Uint8Array = EMPTY;

  constructor({ waiting }: Environment) {
    this.#waiting = waiting;
  }

  /** Takes what the instance exports; `allocate` is undefined when it has none. Until then every range is outside. */
  bind(memory: WebAssembly.Memory, allocate: Allocate | undefined): void {
    this.#memory = memory;
    this.#allocate = allocate;
  }

  /** Passes when bytes can be handed to the guest. @throws PlugbayError `invalid`. */
  requireAllocate(): Allocate {
    if (this.#allocate !== undefined) return this.#allocate;
    throw new PlugbayError('invalid', 'the plugin has no export "allocate" of type (i32) -> i64', {
      hint: 'Without it, nothing can be handed to the plugin: call it without an input, or add the export.',
    });
  }

  /** Bytes that the memory has. */
  get size(): number {
    return this.#bytes().length;
  }

  /** Whether these bytes are inside. Both are unsigned. */
  has(at: number, length: number): boolean {
    return at + length <= this.#bytes().length;
  }

  /** Bytes that are inside, until the guest runs again. */
  view(at: number, length: number): Uint8Array {
    return this.#bytes().subarray(at, at + length);
  }

  /** A copy of bytes that are inside. */
  copy(at: number, length: number): Uint8Array {
    const view = this.view(at, length);
    // On a thread it is on its way to the host, and needs no memory of its own.
    return this.#waiting === undefined ? view.slice() : Buffer.from(view);
  }

  /**
   * Hands bytes to the guest, in memory that it reserves itself, and returns where: a packed value, 0n for no bytes. `length` is that
   * of `content` in UTF-8.
   * @throws PlugbayError `invalid` (the plugin cannot be handed anything), `trap` (it reserved other memory than it was asked for),
   * and whatever comes out of the guest.
   */
  write(content: Uint8Array | string, length: number): bigint {
    if (length === 0) return 0n;
    const at = this.#reserve(length);
    // Only now: reserving may have replaced the memory.
    const bytes = this.#bytes();
    if (typeof content === 'string') encoder.encodeInto(content, bytes.subarray(at, at + length));
    else bytes.set(content, at);
    return pack(at, length);
  }

  #reserve(wanted: number): number {
    const allocate = this.requireAllocate();
    const run = (): unknown => allocate(wanted);
    const returned = this.#waiting === undefined ? run() : this.#waiting.unsuspended(run);
    const { at, length } = unpack(returned as bigint);
    if (length !== wanted)
      throw new PlugbayError('trap', `allocate(${wanted}) reserved ${length} bytes instead`);
    if (!this.has(at, length))
      throw new PlugbayError('trap', `allocate(${wanted}) reserved memory that is not there, at ${at}`);
    return at;
  }

  // The view of a memory that grew has lost its bytes.
  #bytes(): Uint8Array {
    if (this.#live.length === 0 && this.#memory !== undefined)
      this.#live = new Uint8Array(this.#memory.buffer);
    return this.#live;
  }
}

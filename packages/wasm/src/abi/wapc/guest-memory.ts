// The host's side of a guest's memory: ranges that the guest names are looked up before anything is read or written.

// Up to here a loop is faster than a call into the runtime.
const SHORT_BYTES = 32;

// From here on, memory that comes without being zeroed first, because all of it is written at once, saves a sixth of a copy's time.
const LONG_BYTES = 16 * 1024;

const EMPTY = new Uint8Array(0);

/** The memory of one instance. Until it is bound, it has no bytes: a start function runs before there are exports. */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined = undefined;
  #live: Uint8Array = EMPTY;

  /** Takes what the instance exports. */
  bind(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** Whether there is a memory already. */
  get isBound(): boolean {
    return this.#memory !== undefined;
  }

  /** All its bytes, until the guest runs again. */
  get live(): Uint8Array {
    // The view of a memory that grew has lost its bytes.
    if (this.#live.length === 0 && this.#memory !== undefined)
      this.#live = new Uint8Array(this.#memory.buffer);
    return this.#live;
  }

  /** Bytes that are inside, until the guest runs again. */
  view(start: number, length: number): Uint8Array {
    return this.live.subarray(start, start + length);
  }

  /** A copy of bytes that are inside. */
  copy(start: number, length: number): Uint8Array {
    const bytes = this.live;
    if (length >= LONG_BYTES) return copyLong(bytes.subarray(start, start + length));
    if (length > SHORT_BYTES) return bytes.slice(start, start + length);
    const copied = new Uint8Array(length);
    for (let index = 0; index < length; index++) copied[index] = bytes[start + index] as number;
    return copied;
  }

  /** Writes where there is room. */
  write(content: Uint8Array, start: number): void {
    const bytes = this.live;
    const { length } = content;
    if (length > SHORT_BYTES) bytes.set(content, start);
    else for (let index = 0; index < length; index++) bytes[start + index] = content[index] as number;
  }
}

function copyLong(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.allocUnsafeSlow(bytes.length);
  const copied = new Uint8Array(buffer, byteOffset, length);
  copied.set(bytes);
  return copied;
}

// The guest's memory as WASI sees it: every pointer is checked with its length before anything is touched.
import { refuse } from './errno.ts';

/** Buffers in one read or write at most; POSIX systems name the same number IOV_MAX. */
const IOVECS_MAX = 1024;

/** Bytes of a path at most, as on Linux. */
export const PATH_MAX_BYTES = 4096;

const EMPTY = new Uint8Array(0);

/** A guest's memory. Until it is bound, every access answers `EFAULT`: a start function runs before there are exports. */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined = undefined;
  #bytes = EMPTY;
  #view = new DataView(EMPTY.buffer);

  /** Says which memory it is; undefined for none. */
  bind(memory: WebAssembly.Memory | undefined): void {
    this.#memory = memory;
    this.#bytes = EMPTY;
    this.#view = new DataView(EMPTY.buffer);
  }

  /** The bytes at a pointer, valid until the guest runs again. @throws Refusal `EFAULT` when they are not all inside. */
  bytes(pointer: number, length: number): Uint8Array {
    const size = length >>> 0;
    const at = this.at(pointer, size);
    return this.#bytes.subarray(at, at + size);
  }

  /** A view of the `size` bytes at a pointer, valid until the guest runs again. @throws Refusal `EFAULT`. */
  view(pointer: number, size: number): DataView {
    const at = this.at(pointer, size);
    return new DataView(this.#view.buffer, at, size);
  }

  /** The pointer as an offset, once it is known that `size` bytes follow. @throws Refusal `EFAULT`. */
  at(pointer: number, size: number): number {
    const at = pointer >>> 0;
    if (at + size > this.#current().length) refuse('EFAULT');
    return at;
  }

  /** Writes where {@link GuestMemory.at} has looked. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Writes where {@link GuestMemory.at} has looked. */
  setU64(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }

  /** The buffers that an array of iovecs names, without the empty ones. @throws Refusal `EFAULT`, `EINVAL` (too many). */
  buffers(pointer: number, count: number): Uint8Array[] {
    const number = count >>> 0;
    if (number > IOVECS_MAX) refuse('EINVAL');
    const at = this.at(pointer, number * 8);
    const buffers: Uint8Array[] = [];
    for (let next = at; next < at + number * 8; next += 8) {
      const buffer = this.bytes(this.#view.getUint32(next, true), this.#view.getUint32(next + 4, true));
      if (buffer.length > 0) buffers.push(buffer);
    }
    return buffers;
  }

  /**
   * A path: one character per byte, because a file's name is bytes and need not be UTF-8.
   * @throws Refusal `EFAULT`, `ENAMETOOLONG`, `ENOENT` (empty), `EINVAL` (a NUL in it).
   */
  path(pointer: number, length: number): string {
    const size = length >>> 0;
    const bytes = this.bytes(pointer, size);
    if (size > PATH_MAX_BYTES) refuse('ENAMETOOLONG');
    if (size === 0) refuse('ENOENT');
    if (bytes.includes(0)) refuse('EINVAL');
    return Buffer.from(bytes).toString('latin1');
  }

  #current(): Uint8Array {
    const buffer = this.#memory?.buffer;
    // Growing replaces the buffer.
    if (buffer !== undefined && buffer !== this.#bytes.buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#bytes;
  }
}

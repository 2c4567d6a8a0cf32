// A regular file that a guest has open. The offset is ours: Node has no way to move the host's.
import {
  type BigIntStats,
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readvSync,
  writevSync,
} from 'node:fs';
import type { Rights } from '../descriptor.ts';
import { refuse, unless } from '../errno.ts';
import { FDFLAGS, FILETYPE } from '../values.ts';
import type { Times } from './attributes.ts';

// Beyond this a double is no whole number any more, and no file system has such files.
const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

/** What a file was opened with. */
export interface OpenFileFacts {
  /** Owned from now on. */
  readonly fd: number;
  readonly rights: Rights;
  /** The flags of WASI with which it was opened. */
  readonly flags: number;
  /** Whether its grant forbids every change. */
  readonly readOnly: boolean;
  /** `O_RDONLY`, `O_WRONLY` or `O_RDWR`. */
  readonly access: number;
}

/** An open file. */
export class OpenFile {
  readonly kind = 'file';
  readonly filetype: number = FILETYPE.regularFile;
  rights: Rights;
  readonly readOnly: boolean;
  readonly #access: number;
  #fd: number;
  #flags: number;
  #offset = 0;

  constructor(facts: OpenFileFacts) {
    this.#fd = facts.fd;
    this.rights = facts.rights;
    this.readOnly = facts.readOnly;
    this.#access = facts.access;
    this.#flags = facts.flags;
  }

  get flags(): number {
    return this.#flags;
  }

  get offset(): number {
    return this.#offset;
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  /** Bytes from the offset to the end. */
  available(): number {
    return Math.max(0, Number(this.stat().size) - this.#offset);
  }

  /** Fills buffers from the offset, which moves; answers how many bytes. */
  read(buffers: readonly Uint8Array[]): number {
    const count = this.readAt(buffers, this.#offset);
    this.#offset += count;
    return count;
  }

  /** Fills buffers from `offset`; answers how many bytes. */
  readAt(buffers: readonly Uint8Array[], offset: number): number {
    if (buffers.length === 0 || offset > OFFSET_MAX) return 0;
    return readvSync(this.#fd, buffers, offset);
  }

  /** Writes buffers at the offset, which moves, or at the end; answers how many bytes. */
  write(buffers: readonly Uint8Array[]): number {
    const count = this.writeAt(buffers, this.#offset);
    this.#offset = (this.#flags & FDFLAGS.append) === 0 ? this.#offset + count : Number(this.stat().size);
    return count;
  }

  /** Writes buffers at `offset`, or at the end when the file is open for appending; answers how many bytes. */
  writeAt(buffers: readonly Uint8Array[], offset: number): number {
    if (offset > OFFSET_MAX) refuse('EFBIG');
    return buffers.length === 0 ? 0 : writevSync(this.#fd, buffers, offset);
  }

  /** Moves the offset, and answers it. @throws Refusal `EINVAL` when that would be nowhere. */
  seek(from: 'start' | 'offset' | 'end', delta: bigint): number {
    const start = from === 'start' ? 0n : from === 'offset' ? BigInt(this.#offset) : this.stat().size;
    const offset = start + delta;
    if (offset < 0n || offset > BigInt(OFFSET_MAX)) refuse('EINVAL');
    this.#offset = Number(offset);
    return this.#offset;
  }

  /** @throws Refusal `EFBIG`. */
  resize(size: bigint): void {
    if (size > BigInt(OFFSET_MAX)) refuse('EFBIG');
    ftruncateSync(this.#fd, Number(size));
  }

  setTimes({ access, modification }: Times): void {
    futimesSync(this.#fd, access, modification);
  }

  sync(): void {
    fsyncSync(this.#fd);
  }

  syncData(): void {
    fdatasyncSync(this.#fd);
  }

  /**
   * Changes how the file behaves. What the system does itself needs the file opened anew, through its descriptor, so that it
   * stays the same file.
   * @throws Refusal `ENOTSUP` where the system has no such way.
   */
  setFlags(flags: number): void {
    if (systemFlags(flags) !== systemFlags(this.#flags)) {
      const path = `/proc/self/fd/${this.#fd}`;
      const fd =
        unless(['ENOENT'], () => openSync(path, this.#access | OPENING | systemFlags(flags))) ??
        refuse('ENOTSUP');
      closeSync(this.#fd);
      this.#fd = fd;
    }
    this.#flags = flags;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** For every file: whatever has its name, opening it neither waits nor makes it this process's terminal. */
export const OPENING: number = constants.O_NONBLOCK | constants.O_NOCTTY;

/** The system's flags for those of WASI. */
export function systemFlags(flags: number): number {
  let system = 0;
  if ((flags & FDFLAGS.append) !== 0) system |= constants.O_APPEND;
  if ((flags & FDFLAGS.dsync) !== 0) system |= constants.O_DSYNC;
  if ((flags & (FDFLAGS.sync | FDFLAGS.rsync)) !== 0) system |= constants.O_SYNC;
  return system;
}

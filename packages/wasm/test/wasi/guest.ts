// A guest that is the test itself: it calls the functions of WASI over a memory of its own, and lays out what they take.
import type { WasiGrants } from '@plugbay/core';
import { ERRNO } from '../../src/wasi/errno.ts';
import type { WasiHost } from '../../src/wasi/host.ts';
import { planWasi } from '../../src/wasi/plan.ts';
import { Wasi } from '../../src/wasi/wasi.ts';

/** Pages of the guest's memory. */
const PAGES = 2;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, number]) => [number, name]),
);

/** Where a test writes what it is not interested in, at the end of the memory. */
const SCRATCH = PAGES * 65_536 - 4096;

/** A guest made of functions. */
export class Guest {
  readonly wasi: Wasi;
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: PAGES, maximum: 4 });
  /** What was captured, as `stream: text`. */
  readonly lines: string[] = [];
  /** How long it slept each time, in milliseconds. */
  readonly slept: number[] = [];
  readonly namespace: string;
  #free = 1024;

  constructor(
    grants: WasiGrants = {},
    {
      namespace = 'wasi_snapshot_preview1',
      host = {},
    }: { namespace?: string; host?: Partial<WasiHost> } = {},
  ) {
    this.namespace = namespace;
    this.wasi = new Wasi(planWasi(grants), {
      line: (stream, text) => void this.lines.push(`${stream}: ${text}`),
      sleep: (ms) => void this.slept.push(ms),
      ...host,
    });
    this.wasi.bind(this.memory);
  }

  get size(): number {
    return this.memory.buffer.byteLength;
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** Calls a function; answers the name of the error number. */
  call(name: string, ...parameters: (number | bigint)[]): string {
    const act = this.wasi.imports(this.namespace)[name];
    if (act === undefined) throw new Error(`there is no ${name}`);
    const errno = act(...parameters);
    return NAMES.get(errno) ?? `error number ${errno}`;
  }

  /** A place for `size` bytes that nobody else uses, aligned to 8, with 0xaa in it. */
  room(size: number): number {
    const at = this.#free;
    this.#free += Math.ceil(size / 8) * 8;
    if (this.#free > SCRATCH) throw new Error('the test wants more memory than it has');
    new Uint8Array(this.memory.buffer, at, this.#free - at).fill(0xaa);
    return at;
  }

  /** Puts bytes somewhere; answers pointer and length, as most functions take them. */
  put(bytes: Uint8Array | string): [number, number] {
    const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const at = this.room(data.length);
    new Uint8Array(this.memory.buffer).set(data, at);
    return [at, data.length];
  }

  /** Puts an array of iovecs somewhere; answers pointer and count. */
  iovecs(...buffers: [number, number][]): [number, number] {
    const at = this.room(buffers.length * 8);
    for (const [index, [pointer, length]] of buffers.entries()) {
      this.view.setUint32(at + index * 8, pointer, true);
      this.view.setUint32(at + index * 8 + 4, length, true);
    }
    return [at, buffers.length];
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer).slice(at, at + length);
  }

  text(at: number, length: number): string {
    return Buffer.from(this.bytes(at, length)).toString();
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }

  /** Writes text to a descriptor. */
  write(fd: number, text: string): string {
    return this.call('fd_write', fd, ...this.iovecs(this.put(text)), SCRATCH);
  }

  /** Reads up to `length` bytes as text; the error's name when there is one. */
  read(fd: number, length: number): string {
    const at = this.room(length);
    const error = this.call('fd_read', fd, ...this.iovecs([at, length]), SCRATCH);
    return error === 'SUCCESS' ? this.text(at, this.u32(SCRATCH)) : error;
  }

  /** Opens a path below descriptor 3 unless told otherwise; answers the descriptor or the error's name. */
  open(path: string | Uint8Array, how: OpenHow = {}): number | string {
    const { at = 3, follow = true, oflags = 0, rights = READ, inheriting = 0n, flags = 0 } = how;
    const error = this.call(
      'path_open',
      at,
      follow ? 1 : 0,
      ...this.put(path),
      oflags,
      rights,
      inheriting,
      flags,
      SCRATCH,
    );
    return error === 'SUCCESS' ? this.u32(SCRATCH) : error;
  }

  /** Opens, and fails the test when that fails. */
  opened(path: string | Uint8Array, how: OpenHow = {}): number {
    const fd = this.open(path, how);
    if (typeof fd === 'string') throw new Error(`opening answered ${fd}`);
    return fd;
  }

  /** What a file says, or the error's name. */
  contents(path: string): string {
    const fd = this.open(path);
    if (typeof fd === 'string') return fd;
    const text = this.read(fd, 1024);
    this.call('fd_close', fd);
    return text;
  }

  /** A directory's names in order, read in buffers of `size` bytes; the error's name when there is one. */
  names(fd: number, size = 1024): string[] | string {
    const names: string[] = [];
    const buffer = this.room(size);
    let cookie = 0n;
    for (;;) {
      const error = this.call('fd_readdir', fd, buffer, size, cookie, SCRATCH);
      if (error !== 'SUCCESS') return error;
      const used = this.u32(SCRATCH);
      const before = names.length;
      for (let at = buffer; at + 24 <= buffer + used; ) {
        const length = this.u32(at + 16);
        if (at + 24 + length > buffer + used) break;
        names.push(Buffer.from(this.bytes(at + 24, length)).toString('latin1'));
        cookie = this.u64(at);
        at += 24 + length;
      }
      if (used < size) return names;
      if (names.length === before) throw new Error('no entry fits the buffer');
    }
  }
}

/** How {@link Guest.open} opens. */
export interface OpenHow {
  readonly at?: number;
  readonly follow?: boolean;
  readonly oflags?: number;
  readonly rights?: bigint;
  readonly inheriting?: bigint;
  readonly flags?: number;
}

/** The rights that a C library asks for to read: all but those that change. */
export const READ: bigint = (1n << 30n) - 1n - (1n << 6n) - (1n << 8n) - (1n << 22n);

/** All rights. */
export const READ_WRITE: bigint = (1n << 30n) - 1n;

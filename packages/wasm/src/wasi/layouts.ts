// The records of WASI in memory, in the two versions that modules use: preview 1, and the one before it.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/docs.md
import type { Rights } from './descriptor.ts';
import type { ErrnoName } from './errno.ts';
import { ERRNO } from './errno.ts';
import type { Attributes } from './files/attributes.ts';
import type { Entry } from './files/listing.ts';

/** From where `fd_seek` counts. */
type Whence = 'start' | 'offset' | 'end';

/** What differs between the versions. */
export interface Layouts {
  /** By number. */
  readonly whence: readonly Whence[];
  readonly filestatSize: number;
  writeFilestat(view: DataView, attributes: Attributes): void;
  readonly subscriptionSize: number;
  /** Where, in a subscription, the union's content begins. */
  readonly subscriptionContent: number;
  /** Where, in the content of a clock's subscription, the clock's id is. */
  readonly subscriptionClock: number;
}

/** `wasi_snapshot_preview1`. */
export const PREVIEW1: Layouts = {
  whence: ['start', 'offset', 'end'],
  filestatSize: 64,
  writeFilestat(view, attributes) {
    view.setBigUint64(24, attributes.nlink, true);
    writeFilestatAround(view, attributes, 32);
  },
  subscriptionSize: 48,
  subscriptionContent: 16,
  subscriptionClock: 0,
};

/** `wasi_unstable`: counts links in 32 bits, has a clock's own name in its subscription, and another order of whence. */
export const PREVIEW0: Layouts = {
  whence: ['offset', 'end', 'start'],
  filestatSize: 56,
  writeFilestat(view, attributes) {
    writeFilestatAround(view, attributes, 24);
    view.setUint32(20, Number(BigInt.asUintN(32, attributes.nlink)), true);
  },
  subscriptionSize: 56,
  subscriptionContent: 16,
  subscriptionClock: 8,
};

function writeFilestatAround(view: DataView, attributes: Attributes, sizeAt: number): void {
  view.setBigUint64(0, attributes.dev, true);
  view.setBigUint64(8, attributes.ino, true);
  view.setBigUint64(16, BigInt(attributes.filetype), true);
  view.setBigUint64(sizeAt, attributes.size, true);
  view.setBigUint64(sizeAt + 8, attributes.atim, true);
  view.setBigUint64(sizeAt + 16, attributes.mtim, true);
  view.setBigUint64(sizeAt + 24, attributes.ctim, true);
}

/** Bytes of an fdstat. */
export const FDSTAT_SIZE = 24;

/** Writes an fdstat, its padding as zeros. */
export function writeFdstat(view: DataView, filetype: number, flags: number, rights: Rights): void {
  view.setBigUint64(0, BigInt(filetype | (flags << 16)), true);
  view.setBigUint64(8, rights.base, true);
  view.setBigUint64(16, rights.inheriting, true);
}

/** Bytes of a prestat. */
export const PRESTAT_SIZE = 8;

/** Writes the prestat of a directory, the only kind there is. */
export function writePrestat(view: DataView, nameLength: number): void {
  view.setUint32(0, 0, true);
  view.setUint32(4, nameLength, true);
}

/** A directory entry in memory: 24 bytes and the name. `next` is the number of the entry after it. */
export function direntBytes({ name, ino, filetype }: Entry, next: number): Uint8Array {
  const bytes = new Uint8Array(24 + name.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(next), true);
  view.setBigUint64(8, ino, true);
  view.setUint32(16, name.length, true);
  view.setUint32(20, filetype, true);
  bytes.set(name, 24);
  return bytes;
}

/** What a guest waits for. */
export type Subscription = { readonly userdata: bigint; readonly type: number } & (
  | { readonly clock: number; readonly timeout: bigint; readonly absolute: boolean }
  | { readonly fd: number }
);

/** Reads one subscription; a type that does not exist looks like that of a descriptor. */
export function readSubscription(view: DataView, at: number, layouts: Layouts): Subscription {
  const userdata = view.getBigUint64(at, true);
  const type = view.getUint8(at + 8);
  const content = at + layouts.subscriptionContent;
  if (type !== 0) return { userdata, type, fd: view.getUint32(content, true) };
  const clock = content + layouts.subscriptionClock;
  return {
    userdata,
    type,
    clock: view.getUint32(clock, true),
    timeout: view.getBigUint64(clock + 8, true),
    absolute: (view.getUint16(clock + 24, true) & 1) !== 0,
  };
}

/** What happened to a subscription. */
export interface Event {
  readonly userdata: bigint;
  readonly error: ErrnoName;
  readonly type: number;
  /** Bytes that can be read or written at once. */
  readonly available: bigint;
  readonly hangup: boolean;
}

/** Bytes of an event. */
export const EVENT_SIZE = 32;

/** Writes an event, its padding as zeros. */
export function writeEvent(view: DataView, at: number, event: Event): void {
  view.setBigUint64(at, event.userdata, true);
  view.setBigUint64(at + 8, BigInt(ERRNO[event.error] | (event.type << 16)), true);
  view.setBigUint64(at + 16, event.available, true);
  view.setBigUint64(at + 24, event.hangup ? 1n : 0n, true);
}

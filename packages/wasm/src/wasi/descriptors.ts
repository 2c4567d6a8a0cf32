// The table of a guest's file descriptors. Each host descriptor has one owner: the entry, until it is closed.
import type { Descriptor } from './descriptor.ts';
import { refuse } from './errno.ts';
import type { OpenDirectory } from './files/open-directory.ts';
import type { OpenFile } from './files/open-file.ts';

/** Descriptors that a guest may hold beside those it starts with: what a program needs, and too few to starve the host. */
export const DESCRIPTORS_MAX = 64;

/** A guest's descriptors by number. */
export class Descriptors {
  readonly #open = new Map<number, Descriptor>();
  readonly #most: number;

  /** Numbers `first` from 0. */
  constructor(first: readonly Descriptor[]) {
    for (const [fd, descriptor] of first.entries()) this.#open.set(fd, descriptor);
    this.#most = first.length + DESCRIPTORS_MAX;
  }

  /** @throws Refusal `EBADF`, or `ENOTCAPABLE` when it lacks one of `rights`. */
  get(fd: number, rights = 0n): Descriptor {
    const descriptor = this.#open.get(fd >>> 0) ?? refuse('EBADF');
    if ((descriptor.rights.base & rights) !== rights) refuse('ENOTCAPABLE');
    return descriptor;
  }

  /** @throws Refusal `EBADF`, `ESPIPE` (a stream), `EISDIR`, `ENOTCAPABLE`. */
  file(fd: number, rights: bigint): OpenFile {
    const descriptor = this.get(fd);
    if (descriptor.kind === 'stream') return refuse('ESPIPE');
    if (descriptor.kind === 'directory') return refuse('EISDIR');
    this.get(fd, rights);
    return descriptor;
  }

  /** @throws Refusal `EBADF`, `ENOTDIR`, `ENOTCAPABLE`. */
  directory(fd: number, rights: bigint): OpenDirectory {
    const descriptor = this.get(fd);
    if (descriptor.kind !== 'directory') return refuse('ENOTDIR');
    this.get(fd, rights);
    return descriptor;
  }

  /** @throws Refusal `EMFILE` when there is no room for another one. */
  checkRoom(): void {
    if (this.#open.size >= this.#most) refuse('EMFILE');
  }

  /** Adds a descriptor under the lowest free number, after {@link Descriptors.checkRoom}. */
  add(descriptor: Descriptor): number {
    let fd = 0;
    while (this.#open.has(fd)) fd += 1;
    this.#open.set(fd, descriptor);
    return fd;
  }

  /** @throws Refusal `EBADF`, and what the system says. The number is free in any case. */
  close(fd: number): void {
    const descriptor = this.get(fd);
    this.#open.delete(fd >>> 0);
    descriptor.close();
  }

  /** Gives `from` the number of `to`, which is closed. @throws Refusal `EBADF`. */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (moved === replaced) return;
    this.#open.delete(from >>> 0);
    this.#open.set(to >>> 0, moved);
    replaced.close();
  }

  /** Lets go of lines without a newline. */
  flush(): void {
    for (const descriptor of this.#open.values()) if (descriptor.kind === 'stream') descriptor.flush();
  }

  /** Closes all of them, also when one of them fails. @throws the first failure. */
  closeAll(): void {
    const failures: unknown[] = [];
    for (const descriptor of this.#open.values()) {
      try {
        descriptor.close();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    this.#open.clear();
    if (failures.length > 0) throw failures[0];
  }
}

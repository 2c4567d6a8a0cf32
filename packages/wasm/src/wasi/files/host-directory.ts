// A directory of the host, held by a descriptor, and the only way to name what is in it.
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { refuse, unless } from '../errno.ts';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const EXACT = { bigint: true } as const;

/**
 * A directory that stays the same one whatever happens to its name.
 *
 * Linux lets one name a directory's entries through its descriptor, which is what `openat` does: nobody can put a symbolic link
 * in the way. Elsewhere, entries are named by the directory's path, and every use is preceded by a look whether that path still
 * leads to the same directory. What remains there: who may write to the host's directories, and swaps one for a link in the
 * microseconds between look and use, can lead that one use astray.
 *
 * Names are of one character per byte, as everywhere in this folder.
 */
export class HostDirectory {
  /** The host's descriptor. */
  readonly fd: number;
  // How the path of an entry begins, and whether it must be checked.
  readonly #path: string;
  readonly #checked: boolean;

  private constructor(fd: number, path: string | undefined) {
    this.fd = fd;
    this.#path = path ?? `/proc/self/fd/${fd}`;
    this.#checked = path !== undefined;
  }

  /**
   * Opens a directory that the app named; links on the way to it are followed. `throughDescriptor` is for tests of what
   * happens where there is no `/proc`.
   * @throws what the system says.
   */
  static open(path: string, throughDescriptor = true): HostDirectory {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    const reachable = throughDescriptor && leadsTo(`/proc/self/fd/${fd}/.`, fd);
    return new HostDirectory(fd, reachable ? undefined : Buffer.from(resolve(path)).toString('latin1'));
  }

  /** The path of an entry, for one use at once. @throws Refusal `ESTALE` when the directory is no longer where it was. */
  at(name: string): Buffer {
    if (!this.#inPlace()) refuse('ESTALE');
    return Buffer.from(`${this.#path}/${name}`, 'latin1');
  }

  /** The entry's attributes, not those of what a link points to; undefined when there is none. */
  lstat(name: string): BigIntStats | undefined {
    return lstatSync(this.at(name), { ...EXACT, throwIfNoEntry: false });
  }

  /** The directory's own attributes. */
  stat(): BigIntStats {
    return fstatSync(this.fd, EXACT);
  }

  /** Opens an entry that is a directory itself. @throws what the system says: `ENOTDIR` or `ELOOP` for a link. */
  child(name: string): HostDirectory {
    const path = this.at(name);
    const fd = openSync(path, DIRECTORY);
    if (!this.#checked) return new HostDirectory(fd, undefined);
    const child = new HostDirectory(fd, path.toString('latin1'));
    // Looked at again: what was swapped in between is still there, or has been swapped twice.
    if (this.#inPlace() && child.#inPlace()) return child;
    child.close();
    return refuse('ESTALE');
  }

  close(): void {
    closeSync(this.fd);
  }

  #inPlace(): boolean {
    return !this.#checked || leadsTo(Buffer.from(this.#path, 'latin1'), this.fd);
  }
}

function leadsTo(path: string | Buffer, fd: number): boolean {
  const found = unless(['EACCES', 'ENOENT', 'ENOTDIR'], () =>
    statSync(path, { ...EXACT, throwIfNoEntry: false }),
  );
  const held = fstatSync(fd, EXACT);
  return found !== undefined && found.dev === held.dev && found.ino === held.ino;
}

// A directory's entries in order, by number, without ever holding more than a few.
import { type Dir, opendirSync } from 'node:fs';
import { FILETYPE } from '../values.ts';
import { filetypeOf } from './attributes.ts';
import type { HostDirectory } from './host-directory.ts';

/** One entry. */
export interface Entry {
  readonly name: Uint8Array;
  /** 0 when it is not known, or not the guest's affair. */
  readonly ino: bigint;
  readonly filetype: number;
}

/** The entries of a directory; asking for an earlier one begins anew, so that a guest that rewinds sees what is there now. */
export class Listing {
  readonly #directory: HostDirectory;
  #dir: Dir | undefined = undefined;
  #ended = false;
  #last: Entry | undefined = undefined;
  // The number of the entry that is read next.
  #next = 0;

  constructor(directory: HostDirectory) {
    this.#directory = directory;
  }

  /** The entry of this number, `.` being 0 and `..` 1; undefined beyond the last. */
  entry(number: number): Entry | undefined {
    if (number < this.#next - 1) this.close();
    while (this.#next <= number && !this.#ended) {
      const entry = this.#read();
      if (entry === undefined) this.#ended = true;
      else {
        this.#last = entry;
        this.#next += 1;
      }
    }
    return number === this.#next - 1 ? this.#last : undefined;
  }

  /** Forgets everything; the listing can be used again. */
  close(): void {
    const dir = this.#dir;
    this.#dir = undefined;
    this.#ended = false;
    this.#last = undefined;
    this.#next = 0;
    dir?.closeSync();
  }

  #read(): Entry | undefined {
    if (this.#next === 0) return own('.', this.#directory.stat().ino);
    // Where the directory is on the host is not the guest's affair.
    if (this.#next === 1) return own('..', 0n);
    this.#dir ??= opendirSync(this.#directory.at('.'), { encoding: 'buffer' as BufferEncoding });
    const found = this.#dir.readSync();
    if (found === null) return undefined;
    // Node's types know names as text only, and here they are bytes.
    const name = found.name as unknown as Buffer;
    const stat = this.#directory.lstat(name.toString('latin1'));
    return { name, ino: stat?.ino ?? 0n, filetype: filetypeOf(stat ?? found) };
  }
}

function own(name: string, ino: bigint): Entry {
  return { name: Buffer.from(name), ino, filetype: FILETYPE.directory };
}

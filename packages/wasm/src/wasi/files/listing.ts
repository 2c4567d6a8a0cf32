// A directory's entries in order, by number, without ever holding all of them.
import { type Dir, opendirSync } from 'node:fs';
import { FILETYPE } from '../values.ts';
import { filetypeOf } from './attributes.ts';
import type { HostDirectory } from './host-directory.ts';

// Entries that can be asked for again without beginning anew, in which case removed ones would make others be missed.
const KEPT_MAX = 1024;

/** One entry. */
export interface Entry {
  readonly name: Uint8Array;
  /** 0 when it is not known, or not the guest's affair. */
  readonly ino: bigint;
  readonly filetype: number;
}

/** The entries of a directory. Asking for the first one begins anew, so that a guest that rewinds sees what is there now. */
export class Listing {
  readonly #directory: HostDirectory;
  #dir: Dir | undefined = undefined;
  #ended = false;
  // The last ones that were read.
  #kept: Entry[] = [];
  // The number of the entry that is read next.
  #next = 0;

  constructor(directory: HostDirectory) {
    this.#directory = directory;
  }

  /** The entry of this number, `.` being 0 and `..` 1; undefined beyond the last. */
  entry(number: number): Entry | undefined {
    if (number === 0 || number < this.#next - this.#kept.length) this.close();
    while (this.#next <= number && !this.#ended) {
      const entry = this.#read();
      if (entry === undefined) this.#ended = true;
      else this.#keep(entry);
    }
    return this.#kept[number - (this.#next - this.#kept.length)];
  }

  /** Forgets everything; the listing can be used again. */
  close(): void {
    const dir = this.#dir;
    this.#dir = undefined;
    this.#ended = false;
    this.#kept = [];
    this.#next = 0;
    dir?.closeSync();
  }

  #keep(entry: Entry): void {
    if (this.#kept.length === KEPT_MAX) this.#kept.shift();
    this.#kept.push(entry);
    this.#next += 1;
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

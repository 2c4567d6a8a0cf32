// What a guest's file descriptor can stand for.
import type { OpenDirectory } from './files/open-directory.ts';
import type { OpenFile } from './files/open-file.ts';
import type { Stream } from './stream.ts';

/** What may be done with a descriptor, and with those opened through it. */
export interface Rights {
  readonly base: bigint;
  readonly inheriting: bigint;
}

/** A descriptor's own state; whoever takes it out of the table closes it. */
export type Descriptor = Stream | OpenFile | OpenDirectory;

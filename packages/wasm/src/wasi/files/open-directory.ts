// A directory that a guest has open, and what of it the grant allows.
import { fsyncSync, futimesSync } from 'node:fs';
import type { Rights } from '../descriptor.ts';
import { refuse } from '../errno.ts';
import { FILETYPE } from '../values.ts';
import type { Times } from './attributes.ts';
import type { HostDirectory } from './host-directory.ts';
import { Listing } from './listing.ts';

/** What a directory was opened with. */
export interface OpenDirectoryFacts {
  /** Owned from now on. */
  readonly host: HostDirectory;
  readonly rights: Rights;
  /** The flags of WASI with which it was opened. */
  readonly flags: number;
  /** Whether its grant forbids every change in it and below. */
  readonly readOnly: boolean;
  /** For a preopened directory: the name that the guest knows it by, in bytes. */
  readonly preopened?: Uint8Array | undefined;
}

/** An open directory. */
export class OpenDirectory {
  readonly kind = 'directory';
  readonly filetype: number = FILETYPE.directory;
  rights: Rights;
  flags: number;
  readonly host: HostDirectory;
  readonly readOnly: boolean;
  readonly preopened: Uint8Array | undefined;
  readonly listing: Listing;

  constructor(facts: OpenDirectoryFacts) {
    this.host = facts.host;
    this.rights = facts.rights;
    this.flags = facts.flags;
    this.readOnly = facts.readOnly;
    this.preopened = facts.preopened;
    this.listing = new Listing(facts.host);
  }

  /** @throws Refusal `EROFS` when nothing may be changed here. */
  checkWritable(): void {
    if (this.readOnly) refuse('EROFS');
  }

  setTimes({ access, modification }: Times): void {
    futimesSync(this.host.fd, access, modification);
  }

  sync(): void {
    fsyncSync(this.host.fd);
  }

  close(): void {
    try {
      this.listing.close();
    } finally {
      this.host.close();
    }
  }
}

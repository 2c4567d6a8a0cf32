// fd_readdir: entries by number, as many as fit, the last one cut.
import type { Listing } from '../files/listing.ts';
import { direntBytes } from '../layouts.ts';
import type { WasiCall, WasiState } from '../state.ts';
import { RIGHTS } from '../values.ts';

/** The function that lists a directory. */
export function directoryCalls({ memory, descriptors }: WasiState): Record<string, WasiCall> {
  return {
    fd_readdir: (fd: number, buffer: number, length: number, cookie: bigint, result: number) => {
      const at = memory.at(result, 4);
      const bytes = memory.bytes(buffer, length);
      const { listing } = descriptors.directory(fd, RIGHTS.fdReaddir);
      memory.setU32(at, fill(bytes, listing, Number(BigInt.asUintN(64, cookie))));
    },
  };
}

// Less than the buffer's length means the end, so an entry that does not fit is cut and fills it.
function fill(bytes: Uint8Array, listing: Listing, first: number): number {
  let used = 0;
  for (let number = first; used < bytes.length; number++) {
    const entry = listing.entry(number);
    if (entry === undefined) break;
    const part = direntBytes(entry, number + 1).subarray(0, bytes.length - used);
    bytes.set(part, used);
    used += part.length;
  }
  return used;
}

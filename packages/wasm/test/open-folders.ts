// Whether something holds a folder open, seen from outside.
import { readdirSync, readlinkSync } from 'node:fs';

/** How many file descriptors of this process, those of its threads included, are open on a folder. Linux has them. */
export function openDescriptors(folder: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === folder;
    } catch {
      // Gone since it was listed, as the one that lists them.
      return false;
    }
  }).length;
}

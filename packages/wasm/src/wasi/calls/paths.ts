// What is done to files and directories by their paths, beside opening them.
import {
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { errnoName, refuse } from '../errno.ts';
import { attributesOf, timesFor } from '../files/attributes.ts';
import type { OpenDirectory } from '../files/open-directory.ts';
import { Walk } from '../files/walk.ts';
import type { Layouts } from '../layouts.ts';
import type { WasiCall, WasiState } from '../state.ts';
import { CLOCKID, LOOKUPFLAGS, RIGHTS } from '../values.ts';

// What the host's umask makes of it is the operator's choice, as for every program.
const DIRECTORY_MODE = 0o777;

/** The functions over paths. */
export function pathCalls(
  { memory, descriptors, clocks }: WasiState,
  layouts: Layouts,
): Record<string, WasiCall> {
  // A directory in which something is changed.
  const writable = (fd: number, rights: bigint): OpenDirectory => {
    const directory = descriptors.directory(fd, rights);
    directory.checkWritable();
    return directory;
  };
  const follows = (flags: number): boolean => (flags & LOOKUPFLAGS.symlinkFollow) !== 0;

  return {
    path_create_directory: (fd: number, pathAt: number, length: number) => {
      const path = memory.path(pathAt, length);
      const { host } = writable(fd, RIGHTS.pathCreateDirectory);
      Walk.to(host, path, (walk) => mkdirSync(walk.path(), DIRECTORY_MODE));
    },

    path_filestat_get: (fd: number, flags: number, pathAt: number, length: number, result: number) => {
      const view = memory.view(result, layouts.filestatSize);
      const path = memory.path(pathAt, length);
      const { host } = descriptors.directory(fd, RIGHTS.pathFilestatGet);
      const stat = Walk.to(host, path, (walk) => walk.found(follows(flags)));
      layouts.writeFilestat(view, attributesOf(stat));
    },

    path_filestat_set_times: (
      fd: number,
      lookup: number,
      pathAt: number,
      length: number,
      atim: bigint,
      mtim: bigint,
      flags: number,
    ) => {
      const path = memory.path(pathAt, length);
      const { host } = writable(fd, RIGHTS.pathFilestatSetTimes);
      const now = (): bigint => clocks.time(CLOCKID.realtime);
      Walk.to(host, path, (walk) => {
        const stat = walk.found(follows(lookup));
        const { access, modification } = timesFor({ atim, mtim, flags, now }, stat);
        // Links were followed, if at all, by us: what is one by now is not.
        lutimesSync(walk.path(), access, modification);
      });
    },

    path_link: (
      oldFd: number,
      flags: number,
      oldPathAt: number,
      oldLength: number,
      newFd: number,
      newPathAt: number,
      newLength: number,
    ) => {
      const oldPath = memory.path(oldPathAt, oldLength);
      const newPath = memory.path(newPathAt, newLength);
      // Also where it is linked from: through the new name the file could be changed.
      const from = writable(oldFd, RIGHTS.pathLinkSource);
      const to = writable(newFd, RIGHTS.pathLinkTarget);
      Walk.to(from.host, oldPath, (source) => {
        source.found(follows(flags));
        Walk.to(to.host, newPath, (target) => {
          if (target.wantsDirectory) refuse('ENOENT');
          linkSync(source.path(), target.path());
        });
      });
    },

    path_readlink: (
      fd: number,
      pathAt: number,
      length: number,
      buffer: number,
      size: number,
      result: number,
    ) => {
      const at = memory.at(result, 4);
      const path = memory.path(pathAt, length);
      const bytes = memory.bytes(buffer, size);
      const { host } = descriptors.directory(fd, RIGHTS.pathReadlink);
      const text = Walk.to(host, path, (walk) => {
        if (walk.wantsDirectory) walk.found(false);
        return readlinkSync(walk.path(), 'buffer');
      });
      const part = text.subarray(0, bytes.length);
      bytes.set(part);
      memory.setU32(at, part.length);
    },

    path_remove_directory: (fd: number, pathAt: number, length: number) => {
      const path = memory.path(pathAt, length);
      const { host } = writable(fd, RIGHTS.pathRemoveDirectory);
      Walk.to(host, path, (walk) => rmdirSync(walk.path()));
    },

    path_rename: (
      oldFd: number,
      oldPathAt: number,
      oldLength: number,
      newFd: number,
      newPathAt: number,
      newLength: number,
    ) => {
      const oldPath = memory.path(oldPathAt, oldLength);
      const newPath = memory.path(newPathAt, newLength);
      const from = writable(oldFd, RIGHTS.pathRenameSource);
      const to = writable(newFd, RIGHTS.pathRenameTarget);
      Walk.to(from.host, oldPath, (source) =>
        Walk.to(to.host, newPath, (target) => {
          if (source.wantsDirectory || target.wantsDirectory) checkDirectory(source);
          renameSync(source.path(), target.path());
        }),
      );
    },

    path_symlink: (textAt: number, textLength: number, fd: number, pathAt: number, pathLength: number) => {
      const text = memory.path(textAt, textLength);
      const path = memory.path(pathAt, pathLength);
      const { host } = writable(fd, RIGHTS.pathSymlink);
      Walk.to(host, path, (walk) => {
        if (walk.wantsDirectory) refuse('ENOENT');
        if (leavesFrom(text, walk.depth)) refuse('ENOTCAPABLE');
        symlinkSync(Buffer.from(text, 'latin1'), walk.path());
      });
    },

    path_unlink_file: (fd: number, pathAt: number, length: number) => {
      const path = memory.path(pathAt, length);
      const { host } = writable(fd, RIGHTS.pathUnlinkFile);
      Walk.to(host, path, (walk) => {
        const isDirectory = (): boolean => walk.directory.lstat(walk.name)?.isDirectory() === true;
        if (walk.wantsDirectory) refuse(isDirectory() ? 'EISDIR' : 'ENOTDIR');
        try {
          unlinkSync(walk.path());
        } catch (thrown) {
          // What systems other than Linux say of a directory.
          if (errnoName(thrown) === 'EPERM' && isDirectory()) refuse('EISDIR');
          throw thrown;
        }
      });
    },
  };
}

function checkDirectory({ directory, name }: Walk): void {
  const stat = directory.lstat(name) ?? refuse('ENOENT');
  if (!stat.isDirectory()) refuse('ENOTDIR');
}

// We never follow a link out; this is for programs of the host that would. What is moved later can lead out all the same.
function leavesFrom(text: string, depth: number): boolean {
  if (text.startsWith('/')) return true;
  let below = depth;
  for (const part of text.split('/')) {
    if (part === '..') below -= 1;
    else if (part !== '' && part !== '.') below += 1;
    if (below < 0) return true;
  }
  return false;
}

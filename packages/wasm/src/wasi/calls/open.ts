// path_open.
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import type { Descriptor, Rights } from '../descriptor.ts';
import { refuse } from '../errno.ts';
import { OpenDirectory } from '../files/open-directory.ts';
import { OPENING, OpenFile, systemFlags } from '../files/open-file.ts';
import { Walk } from '../files/walk.ts';
import type { WasiCall, WasiState } from '../state.ts';
import {
  ALL_FDFLAGS,
  ALL_RIGHTS,
  DIRECTORY_RIGHTS,
  FILE_RIGHTS,
  LOOKUPFLAGS,
  OFLAGS,
  READING_RIGHTS,
  RIGHTS,
} from '../values.ts';

const ALL_OFLAGS = OFLAGS.creat | OFLAGS.directory | OFLAGS.excl | OFLAGS.trunc;
// What the host's umask makes of it is the operator's choice, as for every program.
const FILE_MODE = 0o666;

interface Request {
  readonly path: string;
  readonly follow: boolean;
  readonly creates: boolean;
  readonly exclusive: boolean;
  readonly truncates: boolean;
  readonly wantsDirectory: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly rights: Rights;
  readonly flags: number;
  readonly readOnly: boolean;
}

/** The function that opens. */
export function openCalls({ memory, descriptors }: WasiState): Record<string, WasiCall> {
  return {
    path_open: (
      fd: number,
      lookup: number,
      pathAt: number,
      pathLength: number,
      oflags: number,
      base: bigint,
      inheriting: bigint,
      flags: number,
      result: number,
    ) => {
      const at = memory.at(result, 4);
      const path = memory.path(pathAt, pathLength);
      if ((oflags & ~ALL_OFLAGS) !== 0 || (flags & ~ALL_FDFLAGS) !== 0) refuse('EINVAL');
      const has = (flag: number): boolean => (oflags & flag) !== 0;
      const [creates, truncates] = [has(OFLAGS.creat), has(OFLAGS.trunc)];
      if (creates && has(OFLAGS.directory)) refuse('EINVAL');
      const parent = descriptors.directory(
        fd,
        RIGHTS.pathOpen |
          (creates ? RIGHTS.pathCreateFile : 0n) |
          (truncates ? RIGHTS.pathFilestatSetSize : 0n),
      );
      // Bits without a meaning are set by programs that want all there is.
      const rights = { base: base & ALL_RIGHTS, inheriting: inheriting & ALL_RIGHTS };
      if (((rights.base | rights.inheriting) & ~parent.rights.inheriting) !== 0n) refuse('ENOTCAPABLE');
      const writes = (rights.base & RIGHTS.fdWrite) !== 0n;
      if (parent.readOnly && (writes || truncates)) refuse('EROFS');
      descriptors.checkRoom();
      const request: Request = {
        path,
        follow: (lookup & LOOKUPFLAGS.symlinkFollow) !== 0,
        creates,
        exclusive: has(OFLAGS.excl),
        truncates,
        wantsDirectory: has(OFLAGS.directory),
        reads: (rights.base & (RIGHTS.fdRead | RIGHTS.fdReaddir)) !== 0n,
        writes,
        rights,
        flags,
        readOnly: parent.readOnly,
      };
      const opened = Walk.to(parent.host, path, (walk) => open(walk, request));
      memory.setU32(at, descriptors.add(opened));
    },
  };
}

function open(walk: Walk, request: Request): Descriptor {
  const { creates, exclusive, truncates, wantsDirectory, writes, readOnly } = request;
  // What is to be created must not be there at all: not even as a link to nowhere.
  const stat = walk.stat(request.follow && !(creates && exclusive));
  if (stat === undefined) {
    if (!creates) return refuse('ENOENT');
    if (walk.wantsDirectory) return refuse('EISDIR');
    if (readOnly) return refuse('EROFS');
    return openFile(walk, request);
  }
  if (creates && exclusive) return refuse('EEXIST');
  if (stat.isSymbolicLink()) return refuse('ELOOP');
  if (stat.isDirectory()) {
    if (creates || truncates || writes) return refuse('EISDIR');
    return openDirectory(walk, request);
  }
  if (wantsDirectory) return refuse('ENOTDIR');
  // A FIFO, a device or a socket; opening one can wait for ever, or do something.
  if (!stat.isFile()) return refuse('ENOTSUP');
  return openFile(walk, request);
}

function openDirectory(walk: Walk, { rights, flags, readOnly }: Request): OpenDirectory {
  const host = walk.directory.child(walk.name);
  const { base, inheriting } = rights;
  return new OpenDirectory({ host, rights: { base: base & DIRECTORY_RIGHTS, inheriting }, flags, readOnly });
}

function openFile(walk: Walk, request: Request): OpenFile {
  const { creates, exclusive, truncates, writes, readOnly, flags, rights } = request;
  const access = accessOf(request);
  const creation = !creates || readOnly ? 0 : constants.O_CREAT | (exclusive ? constants.O_EXCL : 0);
  const how = access | creation | constants.O_NOFOLLOW | OPENING | systemFlags(flags);
  const fd = openSync(walk.path(), how, FILE_MODE);
  try {
    // Only now is it certain what was opened: another process may have put something else there.
    const stat = fstatSync(fd);
    if (stat.isDirectory()) refuse('EISDIR');
    if (!stat.isFile()) refuse('ENOTSUP');
    if (truncates) ftruncateSync(fd, 0);
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  const base = rights.base & (writes ? FILE_RIGHTS : READING_RIGHTS);
  return new OpenFile({ fd, rights: { base, inheriting: 0n }, flags, readOnly, access });
}

function accessOf({ reads, writes, truncates }: Request): number {
  if (writes) return reads ? constants.O_RDWR : constants.O_WRONLY;
  // The host asks for more than the guest to truncate; the guest's rights stay what they are.
  return truncates ? constants.O_RDWR : constants.O_RDONLY;
}

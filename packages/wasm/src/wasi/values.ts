// The enumerations and flags of WASI preview 1, under the specification's names.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

/** What a descriptor or a directory entry is. */
export const FILETYPE = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

/** How `path_open` opens. */
export const OFLAGS = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;

/** How an open descriptor behaves. */
export const FDFLAGS = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;

/** Whether a symbolic link at a path's end is followed. */
export const LOOKUPFLAGS = { symlinkFollow: 1 } as const;

/** All of {@link FDFLAGS}. */
export const ALL_FDFLAGS: number =
  FDFLAGS.append | FDFLAGS.dsync | FDFLAGS.nonblock | FDFLAGS.rsync | FDFLAGS.sync;

/** Which times are set, and to what. */
export const FSTFLAGS = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;

/** The clocks. */
export const CLOCKID = { realtime: 0, monotonic: 1, processCputime: 2, threadCputime: 3 } as const;

/** What `poll_oneoff` waits for. */
export const EVENTTYPE = { clock: 0, fdRead: 1, fdWrite: 2 } as const;

/** The highest value of `advice`; we take note of none. */
export const ADVICE_MAX = 5;

/** What a descriptor may be used for. */
type Right =
  | 'fdDatasync'
  | 'fdRead'
  | 'fdSeek'
  | 'fdFdstatSetFlags'
  | 'fdSync'
  | 'fdTell'
  | 'fdWrite'
  | 'fdAdvise'
  | 'fdAllocate'
  | 'pathCreateDirectory'
  | 'pathCreateFile'
  | 'pathLinkSource'
  | 'pathLinkTarget'
  | 'pathOpen'
  | 'fdReaddir'
  | 'pathReadlink'
  | 'pathRenameSource'
  | 'pathRenameTarget'
  | 'pathFilestatGet'
  | 'pathFilestatSetSize'
  | 'pathFilestatSetTimes'
  | 'fdFilestatGet'
  | 'fdFilestatSetSize'
  | 'fdFilestatSetTimes'
  | 'pathSymlink'
  | 'pathRemoveDirectory'
  | 'pathUnlinkFile'
  | 'pollFdReadwrite'
  | 'sockShutdown'
  | 'sockAccept';

/** Rights of a descriptor, one bit each. */
export const RIGHTS: Readonly<Record<Right, bigint>> = {
  fdDatasync: 1n << 0n,
  fdRead: 1n << 1n,
  fdSeek: 1n << 2n,
  fdFdstatSetFlags: 1n << 3n,
  fdSync: 1n << 4n,
  fdTell: 1n << 5n,
  fdWrite: 1n << 6n,
  fdAdvise: 1n << 7n,
  fdAllocate: 1n << 8n,
  pathCreateDirectory: 1n << 9n,
  pathCreateFile: 1n << 10n,
  pathLinkSource: 1n << 11n,
  pathLinkTarget: 1n << 12n,
  pathOpen: 1n << 13n,
  fdReaddir: 1n << 14n,
  pathReadlink: 1n << 15n,
  pathRenameSource: 1n << 16n,
  pathRenameTarget: 1n << 17n,
  pathFilestatGet: 1n << 18n,
  pathFilestatSetSize: 1n << 19n,
  pathFilestatSetTimes: 1n << 20n,
  fdFilestatGet: 1n << 21n,
  fdFilestatSetSize: 1n << 22n,
  fdFilestatSetTimes: 1n << 23n,
  pathSymlink: 1n << 24n,
  pathRemoveDirectory: 1n << 25n,
  pathUnlinkFile: 1n << 26n,
  pollFdReadwrite: 1n << 27n,
  sockShutdown: 1n << 28n,
  sockAccept: 1n << 29n,
};

/** Every right there is. */
export const ALL_RIGHTS: bigint = (1n << 30n) - 1n;

/** The rights that mean something for a file. */
export const FILE_RIGHTS: bigint =
  RIGHTS.fdDatasync |
  RIGHTS.fdRead |
  RIGHTS.fdSeek |
  RIGHTS.fdFdstatSetFlags |
  RIGHTS.fdSync |
  RIGHTS.fdTell |
  RIGHTS.fdWrite |
  RIGHTS.fdAdvise |
  RIGHTS.fdAllocate |
  RIGHTS.fdFilestatGet |
  RIGHTS.fdFilestatSetSize |
  RIGHTS.fdFilestatSetTimes |
  RIGHTS.pollFdReadwrite;

/** The rights of a file that is not open for writing. */
export const READING_RIGHTS: bigint =
  FILE_RIGHTS & ~(RIGHTS.fdWrite | RIGHTS.fdAllocate | RIGHTS.fdFilestatSetSize);

/** The rights that mean something for a directory. */
export const DIRECTORY_RIGHTS: bigint =
  RIGHTS.fdFdstatSetFlags |
  RIGHTS.fdSync |
  RIGHTS.fdAdvise |
  RIGHTS.pathCreateDirectory |
  RIGHTS.pathCreateFile |
  RIGHTS.pathLinkSource |
  RIGHTS.pathLinkTarget |
  RIGHTS.pathOpen |
  RIGHTS.fdReaddir |
  RIGHTS.pathReadlink |
  RIGHTS.pathRenameSource |
  RIGHTS.pathRenameTarget |
  RIGHTS.pathFilestatGet |
  RIGHTS.pathFilestatSetSize |
  RIGHTS.pathFilestatSetTimes |
  RIGHTS.fdFilestatGet |
  RIGHTS.fdFilestatSetTimes |
  RIGHTS.pathSymlink |
  RIGHTS.pathRemoveDirectory |
  RIGHTS.pathUnlinkFile;

/** The rights of standard input. */
export const INPUT_RIGHTS: bigint =
  RIGHTS.fdRead | RIGHTS.fdFdstatSetFlags | RIGHTS.fdFilestatGet | RIGHTS.pollFdReadwrite;

/** The rights of standard output and standard error. */
export const OUTPUT_RIGHTS: bigint =
  RIGHTS.fdWrite | RIGHTS.fdFdstatSetFlags | RIGHTS.fdFilestatGet | RIGHTS.pollFdReadwrite;

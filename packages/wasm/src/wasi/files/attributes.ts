// What a file is, in WASI's words, and how its times are set.
import type { BigIntStats, Dirent } from 'node:fs';
import { refuse } from '../errno.ts';
import { FILETYPE, FSTFLAGS } from '../values.ts';

/** What `path_filestat_get` answers of a file. Times in nanoseconds since 1970. */
export interface Attributes {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly filetype: number;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

/** The attributes of what has no file: a standard stream. */
export const STREAM_ATTRIBUTES: Omit<Attributes, 'filetype'> = {
  dev: 0n,
  ino: 0n,
  nlink: 0n,
  size: 0n,
  atim: 0n,
  mtim: 0n,
  ctim: 0n,
};

/** The attributes of a file of the host. */
export function attributesOf(stat: BigIntStats): Attributes {
  return {
    dev: stat.dev,
    ino: stat.ino,
    filetype: filetypeOf(stat),
    nlink: stat.nlink,
    size: stat.size,
    atim: since1970(stat.atimeNs),
    mtim: since1970(stat.mtimeNs),
    ctim: since1970(stat.ctimeNs),
  };
}

/** WASI has no type for a FIFO, and cannot tell one kind of socket from another by its name. */
export function filetypeOf(
  entry: Pick<
    BigIntStats | Dirent<Buffer>,
    'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isCharacterDevice' | 'isBlockDevice' | 'isSocket'
  >,
): number {
  if (entry.isFile()) return FILETYPE.regularFile;
  if (entry.isDirectory()) return FILETYPE.directory;
  if (entry.isSymbolicLink()) return FILETYPE.symbolicLink;
  if (entry.isCharacterDevice()) return FILETYPE.characterDevice;
  if (entry.isBlockDevice()) return FILETYPE.blockDevice;
  return entry.isSocket() ? FILETYPE.socketStream : FILETYPE.unknown;
}

/** Times to set, in seconds, as Node takes them: exact to a quarter of a microsecond. */
export interface Times {
  readonly access: number;
  readonly modification: number;
}

/** How a guest asks for times; `now` is read only when it is needed. */
export interface TimesRequest {
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly flags: number;
  readonly now: () => bigint;
}

/** The times to set on what has the times of `stat` now. @throws Refusal `EINVAL` for flags that contradict each other. */
export function timesFor({ atim, mtim, flags, now }: TimesRequest, stat: BigIntStats): Times {
  const set = (given: number, current: number): boolean => {
    if ((flags & given) !== 0 && (flags & current) !== 0) refuse('EINVAL');
    return (flags & (given | current)) !== 0;
  };
  const pick = (given: number, current: number, value: bigint, before: bigint): number => {
    if (!set(given, current)) return seconds(before);
    return seconds((flags & current) === 0 ? BigInt.asUintN(64, value) : now());
  };
  if ((flags & ~(FSTFLAGS.atim | FSTFLAGS.atimNow | FSTFLAGS.mtim | FSTFLAGS.mtimNow)) !== 0)
    refuse('EINVAL');
  return {
    access: pick(FSTFLAGS.atim, FSTFLAGS.atimNow, atim, stat.atimeNs),
    modification: pick(FSTFLAGS.mtim, FSTFLAGS.mtimNow, mtim, stat.mtimeNs),
  };
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}

function since1970(nanoseconds: bigint): bigint {
  return nanoseconds < 0n ? 0n : nanoseconds;
}

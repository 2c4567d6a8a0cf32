// The error numbers of WASI preview 1, and how refusals and the host's own errors become one.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno

/** The error numbers that we answer, under the names that POSIX and Node give them. */
export const ERRNO = {
  SUCCESS: 0,
  E2BIG: 1,
  EACCES: 2,
  EAGAIN: 6,
  EBADF: 8,
  EBUSY: 10,
  EDQUOT: 19,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EILSEQ: 25,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  ENAMETOOLONG: 37,
  ENFILE: 41,
  ENODEV: 43,
  ENOENT: 44,
  ENOMEM: 48,
  ENOSPC: 51,
  ENOSYS: 52,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTSOCK: 57,
  ENOTSUP: 58,
  ENXIO: 60,
  EOVERFLOW: 61,
  EPERM: 63,
  EPIPE: 64,
  EROFS: 69,
  ESPIPE: 70,
  ESTALE: 72,
  ETXTBSY: 74,
  EXDEV: 75,
  ENOTCAPABLE: 76,
} as const;

/** The name of an error number. */
export type ErrnoName = keyof typeof ERRNO;

/** Thrown by our own code to leave a call with an error number; it never reaches the guest. Not an Error: a stack costs more. */
class Refusal {
  readonly name: ErrnoName;

  constructor(name: ErrnoName) {
    this.name = name;
  }
}

const REFUSALS = Object.fromEntries(
  Object.keys(ERRNO).map((name) => [name, Object.freeze(new Refusal(name as ErrnoName))]),
) as Readonly<Record<ErrnoName, Refusal>>;

/** Leaves the running call, which answers this error number. */
export function refuse(name: ErrnoName): never {
  throw REFUSALS[name];
}

/** The name of what was thrown when it is a refusal or an error of the operating system; undefined when it is a fault of ours. */
export function errnoName(thrown: unknown): ErrnoName | undefined {
  if (thrown instanceof Refusal) return thrown.name;
  const { code, syscall } = (thrown ?? {}) as { code?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return undefined;
  // Node's own permission model refuses before the system is asked.
  if (code === 'ERR_ACCESS_DENIED') return 'EACCES';
  if (Object.hasOwn(ERRNO, code)) return code as ErrnoName;
  if (code === 'EOPNOTSUPP') return 'ENOTSUP';
  // Errors of the system that WASI has no name for that anybody would look for.
  return typeof syscall === 'string' ? 'EIO' : undefined;
}

/** What `act` answers; undefined when it is left with one of these errors. Anything else that it throws goes on. */
export function unless<T>(names: readonly ErrnoName[], act: () => T): T | undefined {
  try {
    return act();
  } catch (thrown) {
    const name = errnoName(thrown);
    if (name !== undefined && names.includes(name)) return undefined;
    throw thrown;
  }
}

// The type of every function of WASI, so that a module which imports one under another type is refused when it is linked.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/witx/wasi_snapshot_preview1.witx
import type { FunctionType } from '../binary/types.ts';

/** Under which names modules import WASI. */
export const WASI_NAMESPACES: readonly string[] = Object.freeze(['wasi_snapshot_preview1', 'wasi_unstable']);

// `i` for i32, `I` for i64; all but proc_exit return an error number.
const PARAMETERS = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  fd_advise: 'iIIi',
  fd_allocate: 'iII',
  fd_close: 'i',
  fd_datasync: 'i',
  fd_fdstat_get: 'ii',
  fd_fdstat_set_flags: 'ii',
  fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii',
  fd_filestat_set_size: 'iI',
  fd_filestat_set_times: 'iIIi',
  fd_pread: 'iiiIi',
  fd_prestat_dir_name: 'iii',
  fd_prestat_get: 'ii',
  fd_pwrite: 'iiiIi',
  fd_read: 'iiii',
  fd_readdir: 'iiiIi',
  fd_renumber: 'ii',
  fd_seek: 'iIii',
  fd_sync: 'i',
  fd_tell: 'ii',
  fd_write: 'iiii',
  path_create_directory: 'iii',
  path_filestat_get: 'iiiii',
  path_filestat_set_times: 'iiiiIIi',
  path_link: 'iiiiiii',
  path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii',
  path_remove_directory: 'iii',
  path_rename: 'iiiiii',
  path_symlink: 'iiiii',
  path_unlink_file: 'iii',
  poll_oneoff: 'iiii',
  proc_exit: 'i',
  proc_raise: 'i',
  random_get: 'ii',
  sched_yield: '',
  sock_accept: 'iii',
  sock_recv: 'iiiiii',
  sock_send: 'iiiii',
  sock_shutdown: 'ii',
} as const;

/** The names of all 46 functions of preview 1. */
export const WASI_FUNCTION_NAMES: readonly string[] = Object.freeze(Object.keys(PARAMETERS));

const SIGNATURES: ReadonlyMap<string, FunctionType> = new Map(
  Object.entries(PARAMETERS).map(([name, letters]) => [
    name,
    Object.freeze({
      parameters: Object.freeze([...letters].map((letter) => (letter === 'i' ? 'i32' : 'i64'))),
      results: Object.freeze(name === 'proc_exit' ? [] : ['i32']),
    }),
  ]),
);

/**
 * The type of the function that answers an import; undefined when none does. `wasi_unstable` has the same functions under the
 * same types, but for `sock_accept`, which is younger.
 */
export function wasiSignature(namespace: string, name: string): FunctionType | undefined {
  if (!WASI_NAMESPACES.includes(namespace)) return undefined;
  if (namespace === 'wasi_unstable' && name === 'sock_accept') return undefined;
  return SIGNATURES.get(name);
}

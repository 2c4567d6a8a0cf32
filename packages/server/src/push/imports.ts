// The imports that a plugin may have without its extension point declaring them: those of the ABI, and WASI preview 1.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
import { EXTISM_ENV, EXTISM_ENV_NAMES } from '@plugbay/wasm';

/** The namespace of WASI preview 1. */
export const WASI_NAMESPACE = 'wasi_snapshot_preview1';

/** The namespace of an extension point's own imports, as XTP's generated plugins spell it. */
export const USER_NAMESPACE = 'extism:host/user';

const WASI_NAMES = `
  args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate fd_close
  fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size
  fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read fd_readdir fd_renumber fd_seek
  fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times path_link path_open
  path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff proc_exit proc_raise
  random_get sched_yield sock_accept sock_recv sock_send sock_shutdown
`;

/** Every function by the namespaces that need no declaration. */
export const STANDARD_IMPORTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [EXTISM_ENV, new Set(EXTISM_ENV_NAMES)],
  [WASI_NAMESPACE, new Set(WASI_NAMES.trim().split(/\s+/))],
]);

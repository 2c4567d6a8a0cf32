// The imports that every Extism plugin is given: those of the ABI, and WASI preview 1.
// https://extism.org/docs/concepts/runtime-apis and https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

/** The namespace of the ABI's own imports. */
export const EXTISM_NAMESPACE = 'extism:host/env';

/** The namespace of WASI preview 1. */
export const WASI_NAMESPACE = 'wasi_snapshot_preview1';

/** The namespace of an extension point's own imports, as XTP's generated plugins spell it. */
export const USER_NAMESPACE = 'extism:host/user';

/** Every function by the namespaces that need no declaration. */
export const STANDARD_IMPORTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    EXTISM_NAMESPACE,
    new Set([
      ...['alloc', 'free', 'length', 'length_unsafe', 'load_u8', 'load_u64', 'store_u8', 'store_u64'],
      ...[
        'input_offset',
        'input_length',
        'input_load_u8',
        'input_load_u64',
        'output_set',
        'error_set',
        'error_get',
      ],
      ...['config_get', 'var_get', 'var_set', 'http_request', 'http_headers', 'http_status_code'],
      ...['log_trace', 'log_debug', 'log_info', 'log_warn', 'log_error', 'get_log_level'],
    ]),
  ],
  [
    WASI_NAMESPACE,
    new Set([
      ...[
        'args_get',
        'args_sizes_get',
        'environ_get',
        'environ_sizes_get',
        'clock_res_get',
        'clock_time_get',
      ],
      ...['fd_advise', 'fd_allocate', 'fd_close', 'fd_datasync', 'fd_fdstat_get', 'fd_fdstat_set_flags'],
      ...[
        'fd_fdstat_set_rights',
        'fd_filestat_get',
        'fd_filestat_set_size',
        'fd_filestat_set_times',
        'fd_pread',
      ],
      ...[
        'fd_prestat_get',
        'fd_prestat_dir_name',
        'fd_pwrite',
        'fd_read',
        'fd_readdir',
        'fd_renumber',
        'fd_seek',
      ],
      ...[
        'fd_sync',
        'fd_tell',
        'fd_write',
        'path_create_directory',
        'path_filestat_get',
        'path_filestat_set_times',
      ],
      ...['path_link', 'path_open', 'path_readlink', 'path_remove_directory', 'path_rename', 'path_symlink'],
      ...['path_unlink_file', 'poll_oneoff', 'proc_exit', 'proc_raise', 'sched_yield', 'random_get'],
      ...['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown'],
    ]),
  ],
]);

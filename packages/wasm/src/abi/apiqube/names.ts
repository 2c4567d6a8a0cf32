// The names of the ApiQube ABI: what a plugin imports from its host, and what it exports for it.
import type { HostCallName } from '../host-caller.ts';

/** The namespace of the ABI's own imports, and of the host calls behind them. */
export const APIQUBE_ENV = 'apiqube';

/** The host call that answers `host_http_request`: the guest's HTTPRequest in JSON goes out, an HTTPResponse in JSON comes back. */
export const HTTP_REQUEST: HostCallName = {
  link: '',
  namespace: APIQUBE_ENV,
  operation: 'http_request',
};

/** The host call that takes what `host_emit_event` emits: a PluginEvent in JSON. Of its answer only the error counts. */
export const EMIT_EVENT: HostCallName = { link: '', namespace: APIQUBE_ENV, operation: 'emit_event' };

/** The export that reserves guest memory for what the host hands over: `(i32) -> i64`. */
export const ALLOCATE = 'allocate';

/** The export that every plugin has: what it is. */
export const PLUGIN_INFO = 'plugin_info';

/** The export that takes the plugin's configuration. */
export const PLUGIN_INIT = 'plugin_init';

/** The export that lets go of all that the plugin holds. */
export const PLUGIN_DESTROY = 'plugin_destroy';

/** The export that is the guest's memory. */
export const MEMORY = 'memory';

/** What runs once in a new instance, the first of these that is there: a reactor's initialisation, or a command's. */
export const STARTS = ['_initialize', '_start'] as const;

// An instance on a thread, as its pool sees it. It is made there by its first call.
import type { Exchange } from '../../abi/extism/exchange.ts';
import type { Pooled } from '../pool.ts';
import type { WorkerPlugin } from './plugin.ts';
import type { Thread } from './thread.ts';

/** One instance of a plugin; it moves to another thread when its own is ended, and has lost its memory then. */
export class RemoteInstance implements Pooled {
  readonly plugin: WorkerPlugin;
  /** Which it is on its thread. */
  id = 0;
  /** Where it is; undefined before it is anywhere, and after its thread was ended. */
  thread: Thread | undefined = undefined;
  spent = false;
  /** Whether its start failed, so that it never was. */
  unmade = false;
  /** Whether a call has run in it, so that something may be lost with it. */
  used = false;
  /** Whether its memory was lost since its last call. */
  lost = false;
  /** Its exchange memory, once it has one and host functions may work on it. */
  exchange: Exchange | undefined = undefined;

  constructor(plugin: WorkerPlugin) {
    this.plugin = plugin;
  }

  /** Its thread is gone, and its memory. */
  strand(): void {
    this.thread = undefined;
    this.exchange = undefined;
    if (this.used) this.lost = true;
    this.used = false;
  }

  /** Leaves its thread, and its memory with it. */
  leave(): void {
    this.thread?.discard(this);
    this.strand();
  }

  dispose(): void {
    this.leave();
  }
}

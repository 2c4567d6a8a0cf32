// One HTTP client for each tenant: a connection on which one tenant's answers came is never another's.
import { PlugbayError } from '@plugbay/core';
import type { HttpClient } from '@plugbay/io';

// 256: tenants with HTTP calls at about the same time. One that comes back after more others than that connects anew.
const KEPT_MAX = 256;

/** The clients of the tenants that asked last. */
export class HttpClients {
  readonly #make: () => HttpClient;
  readonly #drainMs: number;
  // The tenant that asked longest ago comes first.
  readonly #clients = new Map<string, HttpClient>();
  // Given up, and still at something.
  readonly #leaving = new Set<HttpClient>();
  #closed = false;

  /** A client that is given up for another tenant's has `drainMs` milliseconds to end what it is at. */
  constructor(make: () => HttpClient, drainMs: number) {
    this.#make = make;
    this.#drainMs = drainMs;
  }

  /** The tenant's client, made when there is none. @throws PlugbayError `unavailable` once they are closed. */
  of(tenant: string): HttpClient {
    if (this.#closed) throw new PlugbayError('unavailable', 'the http capability is closed');
    const client = this.#clients.get(tenant) ?? this.#make();
    this.#clients.delete(tenant);
    this.#clients.set(tenant, client);
    if (this.#clients.size > KEPT_MAX) this.#leaveOldest();
    return client;
  }

  /** Ends what they are at and closes them. */
  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#clients.values(), ...this.#leaving];
    this.#clients.clear();
    await Promise.all(open.map((client) => client.close()));
  }

  #leaveOldest(): void {
    for (const [tenant, client] of this.#clients) {
      this.#clients.delete(tenant);
      this.#leaving.add(client);
      void client.close({ drainMs: this.#drainMs }).finally(() => this.#leaving.delete(client));
      return;
    }
  }
}

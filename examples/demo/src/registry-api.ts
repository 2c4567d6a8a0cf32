// The four requests with which the demo fills a registry; any HTTP client can make them, see the server's README.
import type {
  AppRecord,
  ArtifactRecord,
  ExtensionPointRecord,
  PageRecord,
  ProblemRecord,
} from '@plugbay/core';

// 30 s: a push of the largest artifact over loopback takes less than one.
const REQUEST_TIMEOUT_MS = 30_000;

/** Requests to one server with one token. */
export class RegistryApi {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** The app of this name, made when there is none. */
  async app(name: string): Promise<AppRecord> {
    const { objects } = await this.#send<PageRecord<AppRecord>>('GET', '/apps');
    return objects.find((app) => app.name === name) ?? this.#send<AppRecord>('POST', '/apps', json({ name }));
  }

  /** The extension point of this name, made when there is none. */
  async extensionPoint(app: AppRecord, name: string, schema: string): Promise<ExtensionPointRecord> {
    const path = `/apps/${app.id}/extension-points`;
    const { objects } = await this.#send<PageRecord<ExtensionPointRecord>>('GET', path);
    return (
      objects.find((point) => point.name === name) ??
      this.#send<ExtensionPointRecord>('POST', path, json({ name, schema }))
    );
  }

  /** Pushes a plugin's bytes; the same bytes again change nothing. */
  async push(
    point: ExtensionPointRecord,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<ArtifactRecord> {
    const form = new FormData();
    form.set('artifact', new Blob([bytes], { type: 'application/wasm' }), `${name}.wasm`);
    return this.#send<ArtifactRecord>('PUT', `/artifacts/${point.id}/plugin/~/${name}`, { body: form });
  }

  /** Binds `name` to a version for a guest. */
  async bind(
    point: ExtensionPointRecord,
    guestKey: string,
    name: string,
    contentAddress: string,
  ): Promise<void> {
    await this.#send(
      'PUT',
      `/extension-points/${point.id}/bindings/${guestKey}`,
      json({ [name]: { contentAddress } }),
    );
  }

  async #send<T>(method: string, path: string, init: RequestInit = {}): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      ...init,
      method,
      headers: { ...init.headers, authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (response.ok) return (await response.json()) as T;
    throw new Error(`${method} ${path}: ${explain(await response.text())}`);
  }
}

function explain(body: string): string {
  try {
    const { detail, hint } = JSON.parse(body) as ProblemRecord;
    return hint === undefined ? detail : `${detail}. ${hint}`;
  } catch {
    // Whatever stands between us and the server answers in its own words.
    return body.slice(0, 200);
  }
}

function json(value: unknown): RequestInit {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

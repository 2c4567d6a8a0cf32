// A real Plugbay server for a test: a free port, a data folder of its own, and a client that has the token.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppRecord, ArtifactRecord, ExtensionPointRecord, ProblemRecord } from '@plugbay/core';
import { type RunningServer, type ServerOptions, startServer } from '@plugbay/server';

/** One answer of the server: its body is parsed where it is JSON, and bytes where it is not. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A server for a test; disposing of it stops it and removes the data folder that it made. */
export interface TestServer extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** The operator's token. */
  readonly token: string;
  readonly server: RunningServer;
  /** Sends a request with the token; `path` is below `/api/v1`, `body` travels as JSON. Never throws for a status. */
  api<T = ProblemRecord>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>>;
  /** As {@link TestServer.api}, with another token. */
  as(token: string): TestServer['api'];
  /** Creates an app with one extension point, `Checkout`. @param schema by default a `v0` one with the export `run` */
  point(schema?: string): Promise<ExtensionPointRecord>;
  /** Pushes a module as the operator's artifact `name`; `T` is what a push answers. */
  push<T = ArtifactRecord>(extensionPointId: string, name: string, bytes: Uint8Array): Promise<ApiAnswer<T>>;
}

/** Starts a server on a free port. With `dataDir`, that folder is used and kept. */
export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'plugbay-test-')));
  const server = await startServer({ port: 0, ...options, dataDir });
  const token = (await readFile(server.operator.tokenFile, 'utf8')).trim();
  const as = (bearer: string): TestServer['api'] => {
    return async (method, path, body) => {
      const headers = { authorization: `Bearer ${bearer}` };
      const url = `${server.url}/api/v1${path}`;
      if (body === undefined) return await answer(await fetch(url, { method, headers }));
      const json = { ...headers, 'content-type': 'application/json' };
      return await answer(await fetch(url, { method, headers: json, body: JSON.stringify(body) }));
    };
  };
  const api = as(token);
  return {
    url: server.url,
    token,
    server,
    api,
    as,
    async point(schema = 'version: v0\nexports: [run]\n') {
      const app = await api<AppRecord>('POST', '/apps', { name: 'Shop' });
      const path = `/apps/${app.body.id}/extension-points`;
      const point = await api<ExtensionPointRecord>('POST', path, { name: 'Checkout', schema });
      if (point.status !== 201) throw new Error(`no extension point: ${JSON.stringify(point.body)}`);
      return point.body;
    },
    async push(extensionPointId, name, bytes) {
      const form = new FormData();
      form.set('artifact', new Blob([bytes.slice()]), 'plugin.wasm');
      const url = `${server.url}/api/v1/artifacts/${extensionPointId}/plugin/~/${encodeURIComponent(name)}`;
      return await answer(
        await fetch(url, { method: 'PUT', headers: { authorization: `Bearer ${token}` }, body: form }),
      );
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true });
    },
  };
}

async function answer<T>(response: Response): Promise<ApiAnswer<T>> {
  const { status, headers } = response;
  const json = headers.get('content-type')?.includes('json') ?? false;
  const body = json ? await response.json() : new Uint8Array(await response.arrayBuffer());
  return { status, headers, body: body as T };
}

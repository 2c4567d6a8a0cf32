// A server with one app, two extension points and a plugin that can be made in many versions.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppRecord, BindingsRecord, ExtensionPointRecord } from '@plugbay/core';
import { startTestServer, type TestServer, wat } from '@plugbay/testing';
import type { Client } from '../src/mod.ts';
import { type ClientOptions, createClient } from '../src/mod.ts';

const SCHEMA = `
version: v1-draft
exports:
  version:
    output: { type: string, contentType: text/plain; charset=utf-8 }
  echo:
    input: { type: buffer, contentType: application/x-binary }
    output: { type: buffer, contentType: application/x-binary }
  shape:
    input: { $ref: '#/components/schemas/Shape', contentType: application/json }
    output: { $ref: '#/components/schemas/Shape', contentType: application/json }
  misshape:
    output: { $ref: '#/components/schemas/Shape', contentType: application/json }
  fail: {}
  crash: {}
components:
  schemas:
    Shape:
      required: [sides]
      properties:
        sides: { type: integer, format: int32 }
`;

interface Points {
  Main: {
    version(): string;
    echo(bytes: Uint8Array): Uint8Array;
    shape(shape: { sides: number }): { sides: number };
    misshape(): { sides: number };
    fail(): void;
    crash(): void;
  };
}

/** A plugin that answers `version` with this text. */
export function plugin(version: string): Promise<Uint8Array> {
  const says = (name: string, at: number, text: string): string => `
    (data (i32.const ${at}) ${JSON.stringify(text).replaceAll('\\"', '\\22')})
    (func (export "${name}") (result i32) (call $output (call $block (i32.const ${at}) (i32.const ${text.length})) (i64.const ${text.length})) (i32.const 0))`;
  return wat(`(module
    (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
    (import "extism:host/env" "input_length" (func $input_length (result i64)))
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
    (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    (import "extism:host/env" "error_set" (func $error (param i64)))
    (memory 1)
    (func $block (param $at i32) (param $size i32) (result i64) (local $to i64) (local $i i32)
      (local.set $to (call $alloc (i64.extend_i32_u (local.get $size))))
      (loop $next
        (call $store (i64.add (local.get $to) (i64.extend_i32_u (local.get $i))) (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $size))))
      (local.get $to))
    ${says('version', 0, version)}
    ${says('misshape', 1024, '{"sides":"three"}')}
    (data (i32.const 2048) "no luck")
    (func (export "echo") (result i32) (call $output (call $input_offset) (call $input_length)) (i32.const 0))
    (func (export "shape") (result i32) (call $output (call $input_offset) (call $input_length)) (i32.const 0))
    (func (export "fail") (result i32) (call $error (call $block (i32.const 2048) (i32.const 7))) (i32.const 1))
    (func (export "crash") (result i32) unreachable))`);
}

/** Everything a client test needs; disposing of it stops the server and removes every folder. */
export interface Fixture extends AsyncDisposable {
  /** Where plugins of its clients run. What the registry says is the same to both, and threads take a while to start. @default 'inline' */
  engine: NonNullable<ClientOptions['engine']>;
  readonly server: TestServer;
  readonly app: AppRecord;
  readonly point: ExtensionPointRecord;
  readonly cacheDir: string;
  /** Pushes `plugin(version)` and binds `name` of `guestKey` to it. */
  bind(guestKey: string, name: string, version: string): Promise<BindingsRecord>;
  /** A client of the app; it is closed with the fixture. */
  client(options?: Partial<ClientOptions>): Promise<Client<Points>>;
}

export async function startFixture(): Promise<Fixture> {
  const server = await startTestServer();
  const cacheDir = await mkdtemp(join(tmpdir(), 'plugbay-cache-'));
  const app = (await server.api<AppRecord>('POST', '/apps', { name: 'shop' })).body;
  const points = `/apps/${app.id}/extension-points`;
  const point = (await server.api<ExtensionPointRecord>('POST', points, { name: 'Main', schema: SCHEMA }))
    .body;
  const clients: Client<Points>[] = [];
  const fixture: Fixture = {
    engine: 'inline',
    server,
    app,
    point,
    cacheDir,
    async bind(guestKey, name, version) {
      const { version: pushed } = (await server.push(point.id, name, await plugin(version))).body;
      const path = `/extension-points/${point.id}/bindings/${guestKey}`;
      return (
        await server.api<BindingsRecord>('PUT', path, { [name]: { contentAddress: pushed.contentAddress } })
      ).body;
    },
    async client(options = {}) {
      const { engine } = fixture;
      const given = { baseUrl: server.url, token: server.token, appId: app.id, cacheDir, engine, ...options };
      const client = await createClient<Points>(given);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server[Symbol.asyncDispose]();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
  return fixture;
}

// A server with one plugin, which the guests of an app have in their extension point `Checkout`: `run` is text in, text out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, silentLogger } from '@plugbay/core';
import { compileC, startTestServer, wat } from '@plugbay/testing';
import { type Client, type ClientOptions, createClient } from '../src/mod.ts';

const TEXT = '{ type: string, contentType: text/plain; charset=utf-8 }';
const SCHEMA = `
version: v1-draft
exports:
  run:
    input: ${TEXT}
    output: ${TEXT}
imports:
  ask:
    input: ${TEXT}
    output: ${TEXT}
`;

interface Points {
  Checkout: { run(input: string): string };
}

/** A shop whose guests all have the same plugin; disposing of it stops the server and removes every folder. */
export interface Shop extends AsyncDisposable {
  /** A folder of the shop's own. */
  readonly folder: string;
  /** With what a client of the app is made at least; it can travel as JSON. */
  readonly given: ClientOptions;
  /** A client of the app; it is closed with the shop. */
  client(options?: Partial<ClientOptions>): Promise<Client<Points>>;
}

/** A shop where each of `guests` has the plugin `bytes`. */
export async function openShop(bytes: Uint8Array, guests: readonly string[] = ['acme']): Promise<Shop> {
  const server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'plugbay-shop-'));
  const point = await server.point(SCHEMA);
  const { version } = (await server.push(point.id, 'main', bytes)).body;
  for (const guest of guests) {
    const bindings = { main: { contentAddress: version.contentAddress } };
    await server.api('PUT', `/extension-points/${point.id}/bindings/${guest}`, bindings);
  }
  const { url: baseUrl, token } = server;
  const given: ClientOptions = { baseUrl, token, appId: point.appId, cacheDir: join(folder, 'cache') };
  const clients: Client<Points>[] = [];
  return {
    folder,
    given,
    async client(options = {}) {
      const client = await createClient<Points>({ ...given, ...options });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A logger that keeps what it is told, as `level message`. */
export function keepingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (facts: object | string, message?: string) =>
    void lines.push(`${level} ${typeof facts === 'string' ? facts : message}`);
  return { ...silentLogger, level: 'info', info: keep('info'), warn: keep('warn'), lines };
}

/** A plugin of which `run` is `body`; `$answer` sets a block as the output. */
export function plugin(body: string, more = ''): Promise<Uint8Array> {
  return wat(`(module
    (import "extism:host/env" "input_offset" (func $input (result i64)))
    (import "extism:host/env" "length" (func $length (param i64) (result i64)))
    (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "var_set" (func $set (param i64 i64)))
    (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
    (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
    ${more}
    (func $answer (param $block i64) (call $output (local.get $block) (call $length (local.get $block))))
    (func $letter (param $letter i32) (local $block i64)
      (local.set $block (call $alloc (i64.const 1)))
      (call $store (local.get $block) (local.get $letter))
      (call $answer (local.get $block)))
    (func (export "run") (result i32) ${body} (i32.const 0)))`);
}

/** Answers with what the file has that its input names; writes "new" into it first, when the input begins with `!`. Prints what it does. */
export function filePlugin(): Promise<Uint8Array> {
  return compileC({
    name: 'client-files',
    target: 'wasi-reactor',
    sources: {
      'files.c': `
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(name)))
HOST("input_length") uint64_t input_length(void);
HOST("input_load_u8") uint32_t input_load_u8(uint64_t);
HOST("alloc") uint64_t host_alloc(uint64_t);
HOST("store_u8") void store_u8(uint64_t, uint32_t);
HOST("output_set") void output_set(uint64_t, uint64_t);

static void answer(const char *text) {
  uint64_t length = strlen(text), block = host_alloc(length);
  for (uint64_t i = 0; i < length; i++) store_u8(block + i, text[i]);
  output_set(block, length);
}

__attribute__((export_name("run"))) int run(void) {
  char input[256] = {0}, content[256] = {0};
  uint64_t length = input_length();
  for (uint64_t i = 0; i < length && i < 255; i++) input[i] = input_load_u8(i);
  int writes = input[0] == '!';
  printf("%s %s\\n", writes ? "writing" : "reading", input + writes);
  FILE *file = fopen(input + writes, writes ? "w+" : "r");
  if (file == NULL) return answer(strerror(errno)), 0;
  if (writes) fputs("new", file), rewind(file);
  fread(content, 1, 255, file);
  fclose(file);
  answer(content);
  return 0;
}
`,
    },
  });
}

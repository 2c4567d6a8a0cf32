// Bad input gets a clear answer, and nothing is lost: pushes, unknown things, tokens and guest keys.
import { type IncomingHttpHeaders, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  ARTIFACT_MAX_BYTES,
  type BindingsRecord,
  contentAddress,
  type ProblemRecord,
  parseGuestKey,
} from '@plugbay/core';
import { startTestServer, type TestServer, wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';

const plugin = (answer: number) =>
  wat(`(module
    (import "extism:host/env" "output_set" (func (param i64 i64)))
    (func (export "run") (result i32) i32.const ${answer}))`);

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

// node:http sends a path as it is given; fetch would mend it first.
function send(server: TestServer, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const authorization = `Bearer ${server.token}`;
    const outgoing = request({
      hostname,
      port,
      method,
      path,
      headers: { authorization, ...headers },
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      });
    });
    outgoing.end(body);
  });
}

function problemOf(answer: Answer): ProblemRecord {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem = JSON.parse(answer.text) as ProblemRecord;
  expect(problem.type).toBe('about:blank');
  expect(problem.status).toBe(answer.status);
  expect(problem.requestId).toMatch(/^[0-9a-v]{20}$/);
  expect(answer.headers['x-request-id']).toBe(problem.requestId);
  return problem;
}

/** What is left after a push that was refused: nothing. */
async function expectNothingKept(server: TestServer, pointId: string, bytes: Uint8Array): Promise<void> {
  expect((await server.api('GET', `/c/${contentAddress(bytes)}`)).status).toBe(404);
  const bound = await server.api('PUT', `/extension-points/${pointId}/bindings/acme`, {
    a: { contentAddress: contentAddress(bytes) },
  });
  expect(bound.status).toBe(404);
}

const text = (content: string) => new TextEncoder().encode(content);

describe('a push of something that is not wasm', () => {
  it.each([
    ['nothing', text(''), 'is empty'],
    ['a gzip file', new Uint8Array(gzipSync('x')), 'looks like a gzip file'],
    ['a zip archive', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 'looks like a zip archive'],
    ['JavaScript', text('export default () => 1;'), 'looks like text'],
    ['a program', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1]), 'looks like a native program (ELF)'],
    [
      'a component',
      new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
      'is a WebAssembly component; Plugbay runs core modules',
    ],
    [
      'wasm of another version',
      new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]),
      'has the start of one, and no known version',
    ],
    ['any bytes', new Uint8Array([0xff, 0xfe, 0, 1]), 'starts with the bytes ff fe 00 01'],
  ])('%s', async (_what, bytes, look) => {
    await using server = await startTestServer();
    const { id } = await server.point();
    expect(await server.push<ProblemRecord>(id, 'one', bytes)).toMatchObject({
      status: 400,
      body: {
        code: 'invalid',
        detail: `the artifact is not a WebAssembly module: it ${look}`,
        hint: 'Push the .wasm file that your build made.',
      },
    });
    await expectNothingKept(server, id, bytes);
  });

  it('a module that is cut short', async () => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const bytes = (await plugin(0)).slice(0, -4);
    expect(await server.push<ProblemRecord>(id, 'one', bytes)).toMatchObject({
      status: 400,
      body: { code: 'invalid' },
    });
    await expectNothingKept(server, id, bytes);
  });

  it('a form without the file, a push without a body, and a body of another type', async () => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const push = (headers: Record<string, string>, body?: string) =>
      send(server, {
        method: 'PUT',
        path: `/api/v1/artifacts/${id}/plugin/~/one`,
        headers,
        ...(body === undefined ? {} : { body }),
      });
    const form = '--x\r\ncontent-disposition: form-data; name="other"; filename="a"\r\n\r\nabc\r\n--x--\r\n';
    const hint =
      'Send the module as the file "artifact" of a multipart/form-data body, or alone as application/wasm.';
    expect(problemOf(await push({ 'content-type': 'multipart/form-data; boundary=x' }, form))).toMatchObject({
      status: 400,
      code: 'invalid',
      detail: 'the form has no file "artifact"',
      hint,
    });
    expect(problemOf(await push({}))).toMatchObject({ status: 400, detail: 'the push has no body', hint });
    expect(problemOf(await push({ 'content-type': 'application/json' }, '{}'))).toMatchObject({
      status: 415,
      code: 'unsupported',
      detail:
        'this route takes a body of the media type application/wasm, application/octet-stream or multipart/form-data, not "application/json"',
    });
  });
});

describe('a push of wasm', () => {
  async function refusal(source: string, schema?: string): Promise<ProblemRecord> {
    await using server = await startTestServer();
    const { id } = await server.point(schema);
    const bytes = await wat(source);
    const { status, body } = await server.push<ProblemRecord>(id, 'one', bytes);
    expect(body.status).toBe(status);
    await expectNothingKept(server, id, bytes);
    return body;
  }

  it('of an unknown ABI', async () => {
    expect(
      await refusal('(module (func (export "main") (param i32 i32) (result i32) i32.const 0))'),
    ).toMatchObject({
      status: 422,
      code: 'unsupported',
      detail: 'the module follows no known ABI: it imports from nothing and exports main',
      hint: 'Export a function of type () -> () or () -> i32, as Extism PDKs do.',
    });
  });

  it('of an ABI that extension points do not take', async () => {
    const source = `(module (import "wapc" "__guest_request" (func (param i32 i32)))
      (func (export "__guest_call") (param i32 i32) (result i32) i32.const 1))`;
    expect(await refusal(source)).toMatchObject({
      status: 422,
      code: 'unsupported',
      detail: 'the module follows the wapc ABI; extension points take Extism plugins',
    });
  });

  it('with imports that nobody provides', async () => {
    const source = `(module
      (import "extism:host/env" "output_set" (func (param i64 i64)))
      (import "extism:host/env" "teleport" (func (param i64)))
      (import "extism:host/user" "kv_read" (func (param i64) (result i64)))
      (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fork" (func (result i32)))
      (import "env" "base" (global i32))
      (func (export "run") (result i32) i32.const 0))`;
    const detail =
      'the module imports what nobody provides: extism:host/env teleport: (i64) -> (); ' +
      'extism:host/user kv_read: (i64) -> i64; wasi_snapshot_preview1 fork: () -> i32; env base: global';
    expect(await refusal(source)).toMatchObject({
      status: 400,
      code: 'invalid',
      detail,
      hint:
        'The Extism ABI has only functions of other names; use a current Extism PDK. ' +
        'A v0 schema declares no imports; the app declares them in a v1-draft schema. ' +
        'WASI preview 1 has only functions of other names. ' +
        'Nothing provides env: build the plugin without it.',
    });
  });

  it('with an import that its schema does not declare, and with one that it does', async () => {
    const schema = 'version: v1-draft\nexports: { run: {} }\nimports: { kv_read: {} }\n';
    const source = (name: string) => `(module
      (import "extism:host/env" "output_set" (func (param i64 i64)))
      (import "extism:host/user" "${name}" (func (param i64) (result i64)))
      (func (export "run")))`;
    expect(await refusal(source('kv_write'), schema)).toMatchObject({
      detail: 'the module imports what nobody provides: extism:host/user kv_write: (i64) -> i64',
      hint: 'The app provides extism:host/user by declaring the function under "imports" in the schema.',
    });
    await using server = await startTestServer();
    const { id } = await server.point(schema);
    expect((await server.push(id, 'one', await wat(source('kv_read')))).status).toBe(201);
  });

  it('without the exports that its schema names', async () => {
    const source = `(module
      (import "extism:host/env" "output_set" (func (param i64 i64)))
      (func (export "typed") (param i32))
      (memory (export "memory") 1)
      (func (export "run") (result i32) i32.const 0))`;
    expect(await refusal(source, 'version: v0\nexports: [run, typed, memory, absent]\n')).toMatchObject({
      status: 400,
      code: 'invalid',
      detail:
        'the module does not fit the extension point: its export "typed" is a (i32) -> (), not () -> i32 or () -> (); ' +
        'its export "memory" is a memory, not () -> i32 or () -> (); it has no export "absent"',
      hint: 'The extension point asks for run, typed, memory, absent.',
    });
  });
});

describe('a push over the size limit', () => {
  const detail = `the plugin is larger than ${ARTIFACT_MAX_BYTES} bytes`;
  const large = Buffer.alloc(ARTIFACT_MAX_BYTES + 1);

  it('as a form', async () => {
    await using server = await startTestServer();
    const { id } = await server.point();
    expect(await server.push<ProblemRecord>(id, 'one', large)).toMatchObject({
      status: 413,
      body: { code: 'limit', detail },
    });
  });

  it.each([
    ['alone, of announced length', { 'content-length': String(large.length) }],
    ['alone, in chunks', { 'transfer-encoding': 'chunked' }],
  ])('%s', async (_how, headers) => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const answer = await send(server, {
      method: 'PUT',
      path: `/api/v1/artifacts/${id}/plugin/~/one`,
      headers: { ...headers, 'content-type': 'application/wasm' },
      body: large,
    });
    expect(problemOf(answer)).toMatchObject({ status: 413, code: 'limit', detail });
  });

  it('far over it, before a byte of it is read', async () => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const { hostname, port } = new URL(server.url);
    const outgoing = request({
      hostname,
      port,
      method: 'PUT',
      path: `/api/v1/artifacts/${id}/plugin/~/one`,
      headers: {
        authorization: `Bearer ${server.token}`,
        'content-type': 'application/wasm',
        'content-length': String(10 * ARTIFACT_MAX_BYTES),
      },
      agent: false,
    });
    outgoing.flushHeaders();
    const status = await new Promise((resolve, reject) => {
      outgoing.on('response', (response) => resolve(response.statusCode)).on('error', reject);
    });
    outgoing.destroy();
    expect(status).toBe(413);
  });
});

describe('a push that is cut off', () => {
  async function cutOff(server: TestServer, path: string, headers: Record<string, string>, part: Uint8Array) {
    const { hostname, port } = new URL(server.url);
    const authorization = `Bearer ${server.token}`;
    const outgoing = request({
      hostname,
      port,
      method: 'PUT',
      path,
      headers: { authorization, ...headers },
      agent: false,
    });
    await new Promise<void>((resolve) => outgoing.write(part, () => resolve()));
    await new Promise<void>((resolve) => {
      outgoing.on('error', () => undefined).on('close', resolve);
      outgoing.destroy();
    });
  }

  it('leaves nothing, as a form and alone', async () => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const bytes = await plugin(1);
    const path = `/api/v1/artifacts/${id}/plugin/~/one`;
    const length = String(bytes.length + 10);
    await cutOff(server, path, { 'content-type': 'application/wasm', 'content-length': length }, bytes);
    const form = `--x\r\ncontent-disposition: form-data; name="artifact"; filename="a"\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(form), bytes]);
    const headers = {
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': String(body.length + 10),
    };
    await cutOff(server, path, headers, body);
    await expectNothingKept(server, id, bytes);
    // Its turn was given back too.
    for (let times = 0; times < 10; times++) {
      await cutOff(server, path, { 'content-type': 'application/wasm', 'content-length': length }, bytes);
    }
    expect((await server.push(id, 'one', bytes)).status).toBe(201);
  });

  it('is refused when its form never ends', async () => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const bytes = await plugin(1);
    const form = `--x\r\ncontent-disposition: form-data; name="artifact"; filename="a"\r\n\r\n`;
    const answer = await send(server, {
      method: 'PUT',
      path: `/api/v1/artifacts/${id}/plugin/~/one`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: Buffer.concat([Buffer.from(form), bytes]),
    });
    expect(problemOf(answer)).toMatchObject({ status: 400, code: 'invalid' });
    await expectNothingKept(server, id, bytes);
  });
});

describe('what is unknown', () => {
  const id = (prefix: string) => `${prefix}_01h455vb4pex5vsknk084sn02q`;
  const seen = 'Check the id; a token sees only the apps that its user belongs to.';

  it('an app', async () => {
    await using server = await startTestServer();
    const expected = { code: 'not_found', detail: `there is no app ${id('app')}`, hint: seen };
    const path = `/apps/${id('app')}`;
    expect(await server.api('GET', `${path}/extension-points`)).toMatchObject({
      status: 404,
      body: expected,
    });
    const point = { name: 'x', schema: 'version: v0\nexports: [run]\n' };
    expect(await server.api('POST', `${path}/extension-points`, point)).toMatchObject({
      status: 404,
      body: expected,
    });
    expect(await server.api('POST', `${path}/guests`, { guestKey: 'acme' })).toMatchObject({
      status: 404,
      body: expected,
    });
    expect(await server.api('GET', '/apps/shop/extension-points')).toMatchObject({
      status: 400,
      body: { code: 'invalid', detail: '"shop" is not an id of the form app_…' },
    });
  });

  it('an extension point', async () => {
    await using server = await startTestServer();
    const path = `/extension-points/${id('ext')}`;
    const expected = { code: 'not_found', detail: `there is no extension point ${id('ext')}`, hint: seen };
    expect(await server.api('GET', path)).toMatchObject({ status: 404, body: expected });
    expect(await server.api('GET', `${path}/bindings/acme`)).toMatchObject({ status: 404, body: expected });
    expect(await server.api('PUT', `${path}/bindings/acme`, {})).toMatchObject({
      status: 404,
      body: expected,
    });
    expect(await server.api('DELETE', `${path}/bindings/acme/one`)).toMatchObject({
      status: 404,
      body: expected,
    });
    expect(await server.push(id('ext'), 'one', await plugin(0))).toMatchObject({
      status: 404,
      body: expected,
    });
  });

  it('a guest, a binding, content, a route', async () => {
    await using server = await startTestServer();
    const point = await server.point();
    const path = `/extension-points/${point.id}/bindings/acme`;
    expect(await server.api('GET', path)).toMatchObject({
      status: 404,
      body: {
        code: 'not_found',
        detail: 'there is no guest "acme"',
        hint: 'Invite the guest, or bind a plugin for this guest key.',
      },
    });
    expect(await server.api('DELETE', `${path}/one`)).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'guest "acme" has no binding "one" here' },
    });
    const address = contentAddress(await plugin(7));
    expect(await server.api('GET', `/c/${address}`)).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: `there is no content ${address}` },
    });
    expect(await server.api('GET', '/c/short')).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(await server.api('PATCH', '/nowhere?code=secret')).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'there is no route PATCH /api/v1/nowhere' },
    });
  });
});

describe('a token', () => {
  const hint =
    'Send "Authorization: Bearer <token>". The first token is in the file "token" of the data folder.';
  const wrong = `xtp0_${'a'.repeat(53)}`;

  it.each([
    ['that is not there', undefined, 'the request has no token'],
    ['of another scheme', 'Basic eDp5', 'the authorization header is not of the form "Bearer <token>"'],
    ['that is malformed', 'Bearer secret', 'the token is malformed'],
    ['that nobody has', `Bearer ${wrong}`, 'the token is not known, or was revoked'],
  ])('%s', async (_what, authorization, detail) => {
    await using server = await startTestServer();
    const headers = authorization === undefined ? {} : { authorization };
    for (const [method, path] of [
      ['GET', '/apps'],
      ['POST', '/tokens'],
      ['GET', '/c/short'],
      ['PUT', '/artifacts/x/plugin/y/z'],
    ] as const) {
      const response = await fetch(`${server.url}/api/v1${path}`, { method, headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ code: 'unauthenticated', detail, hint });
    }
  });

  it('is known by a scheme of any case', async () => {
    await using server = await startTestServer();
    const headers = { authorization: `bearer ${server.token}` };
    expect((await fetch(`${server.url}/api/v1/apps`, { headers })).status).toBe(200);
  });
});

describe('a guest key', () => {
  it.each([
    ['with a slash', 'eu/acme', 'eu/acme'],
    ['with an encoded slash', 'eu%2Facme', 'eu/acme'],
    ['with spaces', 'acme%20inc', 'acme inc'],
    ['of any script', '%E6%B3%A8%E6%96%87-%C3%9F', '注文-ß'],
    ['as a client that does not encode sends it', "acme:1;v=2,a+b@c!$&'()*~", "acme:1;v=2,a+b@c!$&'()*~"],
    ['with dots in it', 'a..b/.c', 'a..b/.c'],
  ])('%s is the same however it is sent', async (_what, sent, key) => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const { body } = await server.push(id, 'one', await plugin(1));
    const path = `/extension-points/${id}/bindings/`;
    const bound = await server.api('PUT', `${path}${encodeURIComponent(key)}`, { one: body.version });
    expect(bound.status).toBe(200);
    const read = await send(server, { path: `/api/v1${path}${sent}` });
    expect(read.status).toBe(200);
    expect(JSON.parse(read.text)).toEqual(bound.body);
    const removed = await send(server, { method: 'DELETE', path: `/api/v1${path}${sent}/one` });
    expect(removed.status).toBe(204);
    expect((await server.api<BindingsRecord>('GET', `${path}${encodeURIComponent(key)}`)).body).toEqual({});
  });

  it.each([
    ['is empty', '', ''],
    ['climbs', '..', '..'],
    ['climbs within', 'a/../../b', 'a/../../b'],
    ['climbs in disguise', '%2e%2e', '..'],
    ['has an empty segment', 'a//b', 'a//b'],
    ['ends with a space', 'a%20', 'a '],
    ['has a control character', 'a%00', 'a\0'],
    ['was encoded twice', 'a%252Fb', 'a%2Fb'],
    ['is too long', 'a'.repeat(201), 'a'.repeat(201)],
  ])('that %s is refused', async (_what, sent, key) => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const path = `/api/v1/extension-points/${id}/bindings/${sent}`;
    for (const [method, target] of [
      ['GET', path],
      ['DELETE', `${path}/one`],
    ] as const) {
      const problem = problemOf(await send(server, { method, path: target }));
      expect(problem).toMatchObject({
        status: 400,
        code: 'invalid',
        detail: expect.stringMatching(/^guest key "/),
      });
      expect(() => parseGuestKey(key)).toThrow(problem.detail);
    }
  });

  it.each(['%', '%zz', '%e0%a4', '%ff'])('with the malformed escape %s is refused', async (sent) => {
    await using server = await startTestServer();
    const { id } = await server.point();
    const answer = await send(server, { path: `/api/v1/extension-points/${id}/bindings/${sent}` });
    expect(problemOf(answer)).toMatchObject({ status: 400, code: 'invalid' });
  });
});

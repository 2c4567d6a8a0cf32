import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPlugin, PLUGIN_FILE } from 'http-protocol-plugin';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Loader } from './loader.ts';
import { MissingCapabilityError } from './missing-capability.ts';
import type { WasmRuntimeOptions } from './options.ts';
import { Registry } from './registry.ts';
import type { WasmPlugin } from './wasm-plugin.ts';
import { WasmRuntime } from './wasm-runtime.ts';

await buildPlugin();
const BYTES = await readFile(PLUGIN_FILE);

const GRANTED: WasmRuntimeOptions = { capabilities: ['http'], http: { allowedHosts: ['127.0.0.1'] } };

async function load(options: WasmRuntimeOptions = GRANTED): Promise<WasmPlugin> {
  const runtime = new WasmRuntime(options);
  onTestFinished(() => runtime.close());
  return runtime.loadPlugin('http.wasm', BYTES);
}

/** Serves HTTP and gives its URL without the slash at its end. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** Tells in JSON what it was asked, with 201. */
const telling: RequestListener = async (request, response) => {
  const { method, url, headers } = request;
  response.writeHead(201, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ method, path: url, trace: headers['x-trace'], body: await bodyOf(request) }));
};

describe('the HTTP plugin of the examples', () => {
  it('LoadAndInfo: is called http, serves http and https, and needs http', async () => {
    const info = (await load()).info();
    expect([info.name, info.version, info.protocols, info.capabilities]).toEqual([
      'http',
      '0.1.0',
      ['http', 'https'],
      ['http'],
    ]);
    expect([Object.keys(info.fields).sort(), Object.keys(info.events).sort()]).toEqual([
      ['body', 'followRedirects', 'maxRedirects', 'query', 'url'],
      ['Received', 'Sent'],
    ]);
  });

  it('Init: is initialised with {} and with nothing', async () => {
    const plugin = await load();
    await plugin.init({});
    await plugin.init();
  });

  it('Validate: finds nothing wrong with a test that is right', async () => {
    expect(await (await load()).validate({ method: 'GET', target: 'http://a.test' })).toEqual([]);
  });

  it('Validate_MissingTarget: misses the target', async () => {
    const [problem, ...others] = await (await load()).validate({ target: '' });
    expect([problem?.field, others]).toEqual(['target', []]);
  });

  it('Registry_WithRealWASM: is found by its protocol', async () => {
    const registry = new Registry();
    const plugin = await load();
    registry.register(plugin);
    expect([registry.lookup('http'), registry.snapshot().length]).toEqual([plugin, 1]);
    expect(registry.eventSchema('http.Received')?.fields['status']?.type).toBe('number');
  });

  it('Execute_HTTPRoundTrip: sends a test, and reads what comes back', async () => {
    const target = await serve(telling);
    const plugin = await load();
    const heard: unknown[] = [];
    const output = await plugin.execute(
      {
        method: 'post',
        resource: '/users',
        target,
        headers: { 'X-Trace': 't1' },
        fields: { body: { a: 1 }, query: { b: 'c d' } },
      },
      {
        emit: ({ plugin: name, kind, data }, { origin, declared }) =>
          heard.push([name, kind, data, origin, declared]),
      },
    );
    expect([output.status, output.error]).toEqual([201, undefined]);
    expect(output.body).toEqual({ method: 'POST', path: '/users?b=c%20d', trace: 't1', body: '{"a":1}' });
    expect(output.headers?.['Content-Type']).toBe('application/json');
    expect(heard).toEqual([
      ['http', 'Sent', { method: 'POST', url: `${target}/users?b=c%20d` }, 'emitted', true],
      ['http', 'Received', { status: 201, duration_ms: expect.any(Number) }, 'emitted', true],
    ]);
  });

  it('Execute_HostError: says why when nobody answers, which is no failure of the call', async () => {
    const server = createTcpServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const output = await (await load()).execute({ target: `http://127.0.0.1:${port}` });
    expect(output.status).toBe(0);
    expect(output.error).toContain('ECONNREFUSED');
  });

  it('gives up when its time is up', async () => {
    const target = await serve(() => undefined);
    const output = await (await load()).execute({ target, timeout: '1ms' });
    expect([output.status, output.error]).toEqual([0, expect.stringContaining('took longer than 1 ms')]);
  });

  it('follows redirects as far as a test says', async () => {
    const target = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const plugin = await load();
    const execute = (fields: object) => plugin.execute({ target, resource: '2', fields: { ...fields } });
    expect((await execute({})).body).toBe('arrived');
    const itself = await execute({ followRedirects: false });
    expect([itself.status, itself.headers?.['Location']]).toEqual([302, '/1']);
    expect((await execute({ maxRedirects: 3 })).body).toBe('arrived');
    expect(await execute({ maxRedirects: 2 })).toMatchObject({
      status: 0,
      error: expect.stringContaining('redirects more than'),
    });
  });

  it('is not loaded where HTTP is not granted', async () => {
    const error = await load({}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MissingCapabilityError);
    expect(error).toMatchObject({ plugin: 'http.wasm', capability: 'http', code: 'denied' });
  });

  it('serves 200 tests at a time, each with its own answer', async () => {
    const target = await serve(telling);
    const plugin = await load();
    const paths = Array.from({ length: 200 }, (_, index) => `/${index}`);
    const outputs = await Promise.all(paths.map((resource) => plugin.execute({ target, resource })));
    expect(outputs.map(({ body }) => (body as { path: string }).path)).toEqual(paths);
  });

  it('is replaced in a directory while a test runs, which ends as it began', async () => {
    const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: answering, resolve: answer } = Promise.withResolvers<void>();
    const target = await serve(async (request, response) => {
      if (request.url === '/slow') {
        arrive();
        await answering;
      }
      response.end(request.url);
    });
    const dir = await mkdtemp(join(tmpdir(), 'plugbay-apiqube-'));
    const loader = new Loader(GRANTED);
    onTestFinished(async () => {
      await loader.close();
      await rm(dir, { recursive: true });
    });
    await writeFile(join(dir, 'http.wasm'), BYTES);
    const old = await loader.loadDir(dir);
    const slow = old.lookup('http')?.execute({ target, resource: 'slow' });
    await reached;
    // The same plugin with a custom section more: another content.
    await writeFile(join(dir, 'http.wasm'), Buffer.concat([BYTES, Uint8Array.of(0, 2, 1, 0x78)]));
    const replaced = await loader.loadDir(dir);
    expect([replaced === old, loader.current() === replaced]).toEqual([false, true]);
    expect((await replaced.lookup('http')?.execute({ target, resource: 'new' }))?.body).toBe('/new');
    answer();
    expect((await slow)?.body).toBe('/slow');
  });
});

// The tests of the waPC project's host for JavaScript, for ours and for itself, with the modules that come with it.
import { readFile } from 'node:fs/promises';
import { messagePack, wapcFixture, wapcPeer } from '@plugbay/testing';
import * as ours from '@plugbay/wasm/wapc';
import { describe, expect, it, vi } from 'vitest';

const { decode, encode } = await messagePack();
const response = (bytes: Uint8Array<ArrayBuffer>, type = 'application/wasm'): Response =>
  new Response(bytes, { headers: { 'content-type': type } });

// Both fixtures log each call.
vi.spyOn(console, 'log').mockImplementation(() => undefined);

describe.each([
  ['ours', ours],
  ['the peer', await wapcPeer()],
])('%s', (_, { WapcHost, errors, instantiate, instantiateStreaming }) => {
  it('creates an instance', async () => {
    expect(await instantiate(await wapcFixture('rust_echo_string'))).toBeInstanceOf(WapcHost);
    expect(await new WapcHost().instantiate(await wapcFixture('rust_echo_string'))).toBeInstanceOf(WapcHost);
  });

  it('invokes an operation of the guest', async () => {
    const host = await instantiate(await wapcFixture('rust_echo_string'));
    const result = await host.invoke('echo', encode({ msg: 'hello world' }));
    expect(result).toBeInstanceOf(Uint8Array);
    expect(decode(result)).toBe('hello world');
  });

  it('answers the guest’s host calls', async () => {
    const seen: unknown[] = [];
    const host = await instantiate(
      await wapcFixture('rust_host_call'),
      (binding: string, namespace: string, operation: string, payload: Uint8Array) => {
        seen.push(binding, namespace, operation, decode(payload));
        return new Uint8Array(encode(String(decode(payload)).toUpperCase()));
      },
    );
    const request = {
      namespace: 'myNamespace',
      binding: 'myBinding',
      operation: 'myOperation',
      msg: 'this is the payload',
    };
    expect(decode(await host.invoke('callback', encode(request)))).toBe('THIS IS THE PAYLOAD');
    expect(seen).toEqual(['myBinding', 'myNamespace', 'myOperation', 'this is the payload']);
  });

  it('tells a guest whose host calls nobody answers', async () => {
    const host = await instantiate(await wapcFixture('rust_host_call'));
    const request = { namespace: 'ns', binding: 'bind', operation: 'op', msg: 'this is the payload' };
    await expect(host.invoke('callback', encode(request))).rejects.toThrow(
      new errors.HostCallNotImplementedError('bind', 'ns', 'op').matcher(),
    );
  });

  it('runs several guests', async () => {
    const bytes = await wapcFixture('rust_echo_string');
    const [one, other] = [await instantiate(bytes), await instantiate(bytes)];
    const result = await one.invoke('echo', encode({ msg: 'world' }));
    expect(decode(await other.invoke('echo', encode({ msg: 'world2' })))).toBe('world2');
    expect(decode(result)).toBe('world');
  });

  it('refuses what is not wasm', async () => {
    const bytes = await readFile(new URL('../../../package.json', import.meta.url));
    const error = await instantiate(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errors.InvalidWasm);
    expect(String(error)).toMatch(new errors.InvalidWasm(new Error()).matcher());
  });

  it('takes a response, or a promise of one', async () => {
    const bytes = await wapcFixture('rust_echo_string');
    for (const source of [response(bytes), Promise.resolve(response(bytes))]) {
      const host = await instantiateStreaming(source as Response);
      expect(decode(await host.invoke('echo', encode({ msg: 'hello' })))).toBe('hello');
    }
  });

  it.each([
    ['is of another type', response(new Uint8Array(8), 'text/plain')],
    ['carries no module', response(new Uint8Array(8))],
    [
      'says that there is none',
      new Response(null, { status: 404, headers: { 'content-type': 'application/wasm' } }),
    ],
  ])('refuses a response that %s', async (_, source) => {
    const error = await instantiateStreaming(source.clone()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errors.StreamingFailure);
    expect(String(error)).toMatch(/Could not instantiate from Response object: ./);
  });
});

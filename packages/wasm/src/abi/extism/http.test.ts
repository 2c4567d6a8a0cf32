import { type HostCall, type HostDoor, type HostReply, PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { doorTo, env, failureOf, openWat, PUT } from '../../../test/open.ts';

// `get` asks with the input as head and answers with the body; `status` and `headers` ask first; `idle` does not.
const CLIENT = `(module
  ${env('alloc', 'store_u8', 'length', 'input_offset', 'output_set', 'http_request', 'http_status_code', 'http_headers')}
  (memory 1) (data (i32.const 0) "body")
  ${PUT}
  (func $answer (param $block i64) (call $output_set (local.get $block) (call $length (local.get $block))))
  (func $ask (result i64) (call $http_request (call $input_offset) (call $put (i32.const 0) (i32.const 4))))
  (func (export "get") (call $answer (call $ask)))
  (func (export "bodyless") (call $answer (call $http_request (call $input_offset) (i64.const 0))))
  (func (export "status") (result i32) (drop (call $ask)) (call $http_status_code))
  (func (export "headers") (drop (call $ask)) (call $answer (call $http_headers)))
  (func (export "idle") (result i32) (call $answer (call $http_headers)) (call $http_status_code))
  (func (export "bad") (drop (call $http_request (i64.const 81) (i64.const 0)))))`;

const message = (head: unknown, body: string | Uint8Array = ''): HostReply => {
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(json.length);
  return { bytes: Buffer.concat([prefix, json, Buffer.from(body)]) };
};
const open = (answer: (call: HostCall) => HostReply) =>
  openWat(CLIENT, { door: doorTo({ 'http.request': answer }) });

describe('http_request', () => {
  it('is the host call http.request, of head and body', async () => {
    const door = doorTo({ 'http.request': () => message({ status: 200 }, 'answer') });
    const plugin = await openWat(CLIENT, { door });
    expect(plugin.callSync('get', '{"url":"https://example.com"}').text()).toBe('answer');
    expect(plugin.callSync('bodyless', '{}').text()).toBe('answer');
    expect(door.calls.map(({ link, namespace, operation }) => [link, namespace, operation])).toEqual([
      ['plugbay', 'http', 'request'],
      ['plugbay', 'http', 'request'],
    ]);
    expect(door.calls.map(({ payload }) => Buffer.from(payload).toString('latin1'))).toEqual([
      '\x1d\0\0\0{"url":"https://example.com"}body',
      '\x02\0\0\0{}',
    ]);
  });

  it('tells status and headers, with their names in lower case', async () => {
    const plugin = await open(() =>
      message({ status: 404, headers: { 'Content-Type': 'text/plain', 'X-A': 'b' } }),
    );
    expect((await failureOf(() => plugin.callSync('status', '{}'))).message).toBe(
      'Returned non-zero exit code: 404',
    );
    expect(plugin.callSync('headers', '{}').json()).toEqual({ 'content-type': 'text/plain', 'x-a': 'b' });
    expect(plugin.callSync('get', '{}').bytes).toHaveLength(0);
  });

  it('tells neither before the first request of a call', async () => {
    const plugin = await open(() => message({ status: 200, headers: { a: 'b' } }));
    expect(plugin.callSync('headers', '{}').text()).toBe('{"a":"b"}');
    expect(plugin.callSync('idle').bytes).toHaveLength(0);
  });

  it('fails without a capability', async () => {
    const plugin = await openWat(CLIENT);
    const error = await failureOf(() => plugin.callSync('get', '{}'));
    expect([error.code, error.message]).toEqual([
      'denied',
      'http_request: no http capability is granted to this plugin',
    ]);
  });

  it('waits for a capability that answers asynchronously, and tells its status and headers after', async () => {
    const asked: Uint8Array[] = [];
    const door: HostDoor = {
      ...doorTo({}, ['http.request']),
      async call({ payload }) {
        asked.push(payload);
        await new Promise(setImmediate);
        return message({ status: 200, headers: { A: 'b' } }, 'later');
      },
    };
    const plugin = await openWat(CLIENT, { door });
    expect((await plugin.call('get', '{}')).text()).toBe('later');
    expect((await plugin.call('headers', '{}')).json()).toEqual({ a: 'b' });
    expect(asked.map((payload) => Buffer.from(payload).toString('latin1'))).toEqual([
      '\x02\0\0\0{}body',
      '\x02\0\0\0{}body',
    ]);
  });

  it('fails with what such a capability rejects with', async () => {
    const refusal = new PlugbayError('denied', 'not this host');
    const door: HostDoor = { ...doorTo({}, ['http.request']), call: () => Promise.reject(refusal) };
    const plugin = await openWat(CLIENT, { door });
    const error = await failureOf(() => plugin.call('get', '{}'));
    expect([error.code, error.message]).toEqual(['denied', 'not this host']);
  });

  it('cannot wait for one in a call that must answer at once', async () => {
    const plugin = await openWat(CLIENT, { door: doorTo({}, ['http.request']) });
    const error = await failureOf(() => plugin.callSync('get', '{}'));
    expect(error.code).toBe('unsupported');
  });

  it('fails with the error of the capability', async () => {
    const plugin = await open(() => ({ bytes: new Uint8Array(0), error: 'no route to host' }));
    const error = await failureOf(() => plugin.callSync('get', '{}'));
    expect([error.code, error.message]).toEqual(['unavailable', 'no route to host']);
    const silent = await open(() => ({ bytes: new Uint8Array(0), error: '' }));
    expect((await failureOf(() => silent.callSync('get', '{}'))).message).toBe('the HTTP request failed');
  });

  it('fails for what is no block', async () => {
    const plugin = await open(() => message({ status: 200 }));
    expect((await failureOf(() => plugin.callSync('bad'))).message).toBe(
      'http_request: 81 is not a block of the exchange memory',
    );
  });

  it.each([
    ['nothing', new Uint8Array(0), 'it ends after 0 bytes, but the length of its head needs 4'],
    ['half a head', Uint8Array.of(9, 0, 0, 0, 1), 'it ends after 5 bytes, but its head needs 13'],
    ['no status', message({}).bytes, 'its head has no status'],
    ['null', message(null).bytes, 'its head is no object'],
    ['no JSON', Uint8Array.of(1, 0, 0, 0, 0x7b), '1 bytes are not JSON'],
  ])('fails for a reply of %s', async (_, bytes, text) => {
    const plugin = await open(() => ({ bytes }));
    const error = await failureOf(() => plugin.callSync('get', '{}'));
    expect([error.code, error.message]).toEqual([
      'internal',
      `http_request: the HTTP reply is malformed: ${text}`,
    ]);
  });
});

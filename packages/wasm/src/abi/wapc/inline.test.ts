// What waPC plugins can do on the inline engine only, and what they cannot.
import { contentAddress } from '@plugbay/core';
import { createInlineRuntime } from '@plugbay/wasm';
import { describe, expect, it } from 'vitest';
import { doorTo, failureOf, openBytes } from '../../../test/open.ts';
import { asking, door, laterDoor, reply } from '../../../test/wapc/contract/open.ts';
import { guestOf, wapc, wapcGuest } from '../../../test/wapc/guests.ts';

describe('a waPC plugin on the inline engine', () => {
  it('answers at once', async () => {
    const plugin = await openBytes(await wapcGuest(), { door: door(({ payload }) => ({ bytes: payload })) });
    expect(plugin.callSync('echo', 'hello').text()).toBe('hello');
    expect(plugin.fn('host').callSync(asking('again')).text()).toBe('again');
    expect(
      (await plugin
        .fn('nope')
        .call()
        .catch((error: Error) => error)) as Error,
    ).toMatchObject({
      message: 'no such operation',
    });
  });

  it('cannot answer at once what is answered later', async () => {
    const plugin = await openBytes(await wapcGuest(), { door: laterDoor(async () => reply('')) });
    const error = await failureOf(() => plugin.callSync('echo'));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'the plugin imports what is answered asynchronously: wapc.__host_call',
    ]);
  });

  it('answers at once when it makes no host calls, whatever the door could', async () => {
    const bytes = await guestOf('(i32.const 1)');
    const plugin = await openBytes(bytes, { door: laterDoor(async () => reply('')) });
    expect(plugin.callSync('x').bytes).toHaveLength(0);
  });

  it('cannot wait for a host call while it starts', async () => {
    const zeros = '(i32.const 0) '.repeat(8);
    const bytes = await guestOf(
      '(i32.const 1)',
      `(func (export "wapc_init") (drop (call $host_call ${zeros})))`,
      wapc('host_call'),
    );
    const error = await failureOf(() => openBytes(bytes, { door: laterDoor(async () => reply('')) }));
    expect([error.code, error.hint]).toEqual([
      'unsupported',
      'It can wait during a call, not while it starts and not below a function of a command module.',
    ]);
  });

  it('tells the guest that a host call is answered later, where nothing said so when it was opened', async () => {
    const late = doorTo({ 'sample.hello': async () => reply('') }, ['sample.hello']);
    const refusing = {
      ...late,
      callSync: () => {
        throw new Error('sample.hello answers asynchronously only');
      },
    };
    const plugin = await openBytes(await wapcGuest(), { door: refusing });
    expect((await failureOf(() => plugin.callSync('host', asking()))).message).toBe(
      'sample.hello answers asynchronously only',
    );
  });

  it('cannot call itself', async () => {
    const plugin = await openBytes(await wapcGuest(), {
      door: door(() => reply(plugin.callSync('echo').text())),
    });
    const error = await failureOf(() => plugin.callSync('host', asking()));
    expect([error.code, error.message, (error.cause as { code: string }).code]).toEqual([
      'plugin',
      'the plugin is running: it cannot be called from its own host functions',
      'conflict',
    ]);
  });

  it('is one module', async () => {
    const error = await failureOf(async () =>
      openBytes(await wapcGuest(), {}, { other: '(module (func (export "run")))' }),
    );
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'a waPC plugin is one module; this one has others: other',
    ]);
  });

  it('ends when its stack ends within what it asks of its host', async () => {
    const down = (): never => down();
    const plugin = await openBytes(await wapcGuest(), { door: door(down) });
    const error = await failureOf(() => plugin.callSync('host_ignored', asking()));
    expect([error.code, error.stateLost]).toEqual(['trap', true]);
  });
});

// Gets a mark as its payload. Looks for marks of others in all its memory, fills it with its own, asks the host, which takes a while,
// looks again, and answers with how many it found and the payload as it gets it then.
const SEEKER = `
  (func $foreign (param $word i64) (param $own i64) (result i64)
    (i64.extend_i32_u (i32.and
      (i64.eq (i64.shr_u (local.get $word) (i64.const 48)) (i64.const 0x5a5a))
      (i64.ne (i64.shr_u (local.get $word) (i64.const 32)) (i64.shr_u (local.get $own) (i64.const 32))))))
  (func $look (param $own i64) (result i64) (local $at i32) (local $found i64)
    (loop $next
      (local.set $found (i64.add (local.get $found) (call $foreign (i64.load (local.get $at)) (local.get $own))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
    (local.get $found))
  (func $mark (param $own i64) (local $at i32)
    (loop $next
      (i64.store (local.get $at) (local.get $own))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536)))))`;
const SEEK = `(local $own i64) (local $found i64)
  (call $guest_request (i32.const 0) (i32.const 16))
  (local.set $own (i64.load (i32.const 16)))
  (i64.store (i32.const 0) (i64.const 0))
  (local.set $found (call $look (local.get $own)))
  (call $mark (local.get $own))
  (drop (call $host_call ${'(i32.const 0) '.repeat(6)} (i32.const 0) (i32.const 8)))
  (if (i32.ne (call $host_response_len) (i32.const 8)) (then unreachable))
  (call $host_response (i32.const 8))
  (local.set $found (i64.add (local.get $found) (call $look (local.get $own))))
  (i64.store (i32.const 0) (local.get $found))
  (call $guest_request (i32.const 64) (i32.const 16))
  (call $guest_response (i32.const 0) (i32.const 24))
  (i32.const 1)`;

describe('tenants of one waPC module', () => {
  it('never see each other’s requests, answers, or memory left behind', async () => {
    const bytes = await guestOf(
      SEEK,
      SEEKER,
      wapc('guest_request', 'guest_response', 'host_call', 'host_response', 'host_response_len'),
    );
    const runtime = createInlineRuntime();
    let turn = 0;
    // How long each call waits differs, so that they overtake each other.
    const echo = doorTo(
      {
        '.': async ({ payload }) => {
          for (let hops = turn++ % 7; hops > 0; hops--) await new Promise(setImmediate);
          return { bytes: payload };
        },
      },
      ['.'],
    );
    const open = (tenant: number) =>
      runtime.open(
        { name: 'seeker', digest: contentAddress(bytes), bytes },
        {
          tenant: `tenant ${tenant}`,
          door: Object.assign(echo, { asynchronous: true }),
          pool: { stateless: true, instances: 5, uses: 9 },
        },
      );
    const plugins = [await open(0), await open(1)] as const;
    const seen = await Promise.all(
      Array.from({ length: 300 }, async (_, call) => {
        const tenant = (call % 2) as 0 | 1;
        const own = (0x5a5an << 48n) | (BigInt(tenant) << 32n) | BigInt(call);
        const output = await plugins[tenant].call('op', new Uint8Array(BigUint64Array.of(own).buffer));
        const [found, answered, asked] = new BigUint64Array(output.bytes.slice().buffer);
        return { found, isAnswered: answered === own, isAsked: asked === own };
      }),
    );
    expect(seen).toEqual(Array.from({ length: 300 }, () => ({ found: 0n, isAnswered: true, isAsked: true })));
  });
});

import { describe, expect, it } from 'vitest';
import { messagePack, wapcFixture, wapcPeer } from './wapc-peer.ts';

describe('the waPC host', () => {
  it('runs the modules that come with it', async () => {
    const { instantiate } = await wapcPeer();
    const { decode, encode } = await messagePack();
    const host = await instantiate(await wapcFixture('rust_echo_string'));
    expect(decode(await host.invoke('echo', encode({ msg: 'hello' })))).toBe('hello');
  });
});

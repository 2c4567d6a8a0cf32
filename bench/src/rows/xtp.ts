// One call of a resident plugin through a client that talks to our server: our client, the XTP client, and the bare guest.
import { join } from 'node:path';
import { type ClientOptions, createClient } from '@plugbay/client';
import { instantiateBare } from '../bare.ts';
import { guest } from '../guests.ts';
import type { Row } from '../row.ts';
import { seededServer } from '../seed.ts';

interface Points {
  Text: { count_vowels(text: string): { count: number; total: number } };
}

type Engine = NonNullable<ClientOptions['engine']>;

const resident = (name: string, engine: Engine): Row => ({
  name,
  unit: 'us',
  must: null,
  async ours() {
    const server = await seededServer();
    const options = {
      baseUrl: server.url,
      token: server.token,
      appId: server.appId,
      cacheDir: join(server.folder, 'cache'),
      engine,
    };
    const client = await createClient<Points>(options);
    const { Text } = client.extensionPoints;
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await Text.count_vowels('acme', 'hello world');
      },
      async close() {
        await client.close();
        await server.close();
      },
    };
  },
  async peer() {
    const server = await seededServer();
    // The peer reads its cache folder when it is imported.
    process.env.XTP_PLUGIN_CACHE_DIR = join(server.folder, 'xtp');
    const { default: createXtpClient } = await import('@dylibso/xtp');
    const client = await createXtpClient({
      baseUrl: server.url,
      token: server.token,
      appId: server.appId,
      useWasi: false,
    });
    const countVowels = client.extensionPoints.Text?.count_vowels;
    if (countVowels === undefined) throw new Error('the XTP client has no Text.count_vowels');
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await countVowels('acme', 'hello world', { default: {} });
      },
      async close() {
        await client.close();
        await server.close();
      },
    };
  },
  async limit() {
    const bare = instantiateBare(
      new WebAssembly.Module(await guest('bare_env')),
      new WebAssembly.Module(await guest('count_vowels')),
      { run: 'count_vowels' },
    );
    const encoder = new TextEncoder();
    const decoder = new TextDecoder();
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++)
          await JSON.parse(decoder.decode(bare.call(encoder.encode('hello world'))));
      },
    };
  },
});

/** A call of a plugin that both clients hold open; text in, JSON out. Ours is on a thread. */
export const callResident: Row = resident('xtp/call/resident', 'worker');

/** The same on this thread, where the peer's is. */
export const callResidentInline: Row = resident('xtp/call/resident_inline', 'inline');

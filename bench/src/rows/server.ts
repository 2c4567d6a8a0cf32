// Reading a guest's bindings over HTTP: our server, bare fastify and bare node:http serving the same JSON, each in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type KeepAliveLoad, openLoad } from '../load.ts';
import type { Contender, Row } from '../row.ts';

// 8: enough to keep one server process busy, too few to measure queues.
const CONNECTIONS = 8;

/** What a server process prints when it listens. */
export interface Listening {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads of one guest's bindings per second over keep-alive connections. */
export const getBindings: Row = {
  name: 'server/bindings/get',
  unit: 'per_s',
  must: null,
  async ours() {
    return contender(await start('ours'));
  },
  // Both serve what ours serves, so ours is asked first.
  async peer() {
    return contender(await start('fastify', await sample()));
  },
  async limit() {
    return contender(await start('node-http', await sample()));
  },
};

interface Started {
  readonly child: ChildProcess;
  readonly load: KeepAliveLoad;
}

function contender({ child, load }: Started): Contender {
  return {
    run: (runs) => load.run(runs),
    async close() {
      load.close();
      await stop(child);
    },
  };
}

async function start(server: string, body = ''): Promise<Started> {
  const { child, listening } = await spawnServer(server, body);
  return { child, load: await openLoad(listening.url, listening.headers, CONNECTIONS) };
}

async function sample(): Promise<string> {
  const { child, listening } = await spawnServer('ours', '');
  await stop(child);
  return listening.body;
}

async function spawnServer(
  server: string,
  body: string,
): Promise<{ child: ChildProcess; listening: Listening }> {
  const script = fileURLToPath(new URL(`../servers/${server}.js`, import.meta.url));
  const child = spawn(process.execPath, [script, body], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, listening: JSON.parse(line) as Listening };
}

// The servers end when their standard input does, so none outlives a benchmark that was killed.
async function stop(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await once(child, 'exit');
}

// A load over keep-alive connections that costs next to nothing itself: one prepared request, answers counted by their length.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Connections that are open and have seen one answer. */
export interface KeepAliveLoad {
  /** Sends `runs` requests over all connections, each waiting for its answer before the next. */
  run(runs: number): Promise<void>;
  close(): void;
}

/** Opens `connections` to the server of `url`. The answer must be 200 and have the same length every time. */
export async function openLoad(
  url: string,
  headers: Readonly<Record<string, string>>,
  connections: number,
): Promise<KeepAliveLoad> {
  const { hostname, port, pathname } = new URL(url);
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  const lengths = await Promise.all(sockets.map((socket) => firstAnswer(socket, request)));
  const length = lengths[0] ?? 0;
  return {
    async run(runs) {
      let left = runs;
      await Promise.all(sockets.map((socket) => drive(socket, request, length, () => left-- > 0)));
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function firstAnswer(socket: Socket, request: Buffer): Promise<number> {
  socket.write(request);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const text = answer.toString('latin1');
  const head = text.indexOf('\r\n\r\n') + 4;
  const body = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
  if (!text.startsWith('HTTP/1.1 200 ') || head + body !== answer.length)
    throw new Error(`unexpected answer:\n${text}`);
  return answer.length;
}

function drive(socket: Socket, request: Buffer, length: number, more: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = 0;
    const finish = (): void => {
      socket.off('data', onData).off('close', onClose);
    };
    const onClose = (): void => {
      finish();
      reject(new Error('the server closed a connection'));
    };
    const next = (): void => {
      if (more()) {
        socket.write(request);
        return;
      }
      finish();
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received < length) return;
      received -= length;
      next();
    };
    socket.on('data', onData).on('close', onClose);
    next();
  });
}

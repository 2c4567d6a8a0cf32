// Servers on this machine for one test each; they are gone when it ends.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Serves HTTP. */
export function serve(listener: RequestListener): Promise<URL> {
  return listening(createServer(listener), 'http');
}

/** Serves HTTPS. */
export function serveTls(key: string, cert: string, listener: RequestListener): Promise<URL> {
  return listening(createTlsServer({ key, cert }, listener), 'https');
}

/** A server that answers with exactly these bytes, whatever HTTP says, and hangs up. */
export function serveBytes(...parts: readonly (string | Uint8Array)[]): Promise<URL> {
  return listening(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        for (const part of parts) socket.write(part);
        socket.end();
      });
    }),
    'http',
  );
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<URL> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = urlOf(server, 'http');
  server.close();
  await once(server, 'close');
  return url;
}

async function listening(server: Server | TcpServer, scheme: string): Promise<URL> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  });
  return urlOf(server, scheme);
}

function urlOf(server: TcpServer, scheme: string): URL {
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

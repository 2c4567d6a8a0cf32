// Content by its address: immutable, so a client keeps it for ever, and checked against its address when it is read.
import { PlugbayError, parseContentAddress } from '@plugbay/core';
import type { ContentStore } from '@plugbay/io';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../auth.ts';
import type { Registry } from '../registry.ts';
import { mayReadContent } from '../store/artifacts.ts';

/** Adds `GET /c/{contentAddress}`. */
export function addContentRoutes(api: FastifyInstance, { database, blobs }: Registry): void {
  api.get<{ Params: { address: string } }>('/c/:address', async (request, reply) => {
    const address = parseContentAddress(request.params.address);
    if (!(await mayReadContent(database, address, principalOf(request).userId))) {
      throw new PlugbayError('not_found', `there is no content ${address}`, {
        hint: 'Check the address; a token reads only content of the apps that its user belongs to.',
      });
    }
    const etag = `"${address}"`;
    const unchanged = request.headers['if-none-match'] === etag;
    const bytes = unchanged ? undefined : await read(blobs, address);
    void reply.header('etag', etag).header('cache-control', 'private, max-age=31536000, immutable');
    if (bytes === undefined) return reply.code(304).send();
    return reply.type('application/wasm').send(bytes);
  });
}

async function read(blobs: ContentStore, address: string): Promise<Uint8Array> {
  const bytes = await blobs.get(address);
  if (bytes !== undefined) return bytes;
  throw new PlugbayError('integrity', `content ${address} is missing from the data folder`, {
    hint: 'Push the plugin again, or restore the folder from a backup.',
  });
}

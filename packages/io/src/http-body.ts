// Reads a body that comes in parts, up to a cap.
import { PlugbayError } from '@plugbay/core';

// 16 KiB: most answers fit, and a small one costs no more.
const FIRST_BYTES = 16 * 1024;

/**
 * All of a body, in memory of its own. Kept as one growing block and never as a list of parts, because a server chooses how
 * small the parts are, and a part of one byte costs a hundred.
 * @throws PlugbayError `limit` as soon as more than `maxBytes` came; or whatever `body` throws.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
  name: string,
): Promise<Uint8Array> {
  let block = new Uint8Array(0);
  let size = 0;
  for await (const part of body ?? []) {
    const end = size + part.length;
    if (end > maxBytes) {
      throw new PlugbayError('limit', `the answer of ${name} is larger than ${maxBytes} bytes`);
    }
    if (end > block.length) {
      const wanted = Math.max(end, Math.min(Math.max(FIRST_BYTES, 2 * block.length), maxBytes));
      block = new Uint8Array(block.buffer.transfer(wanted));
    }
    block.set(part, size);
    size = end;
  }
  return block.length === size ? block : new Uint8Array(block.buffer.transfer(size));
}

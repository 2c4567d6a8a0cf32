// The body of a response that was fetched, up to a limit.
import { sdkError } from './errors.ts';

/** The whole body. @throws TypeError unless the status says that it is what was asked for; PlugbayError `limit` beyond `maxBytes`. */
export async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new TypeError(
      `A manifest or a module could not be fetched: ${response.url} answered ${response.status}`,
    );
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > maxBytes) throw sdkError('limit', `${response.url} has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

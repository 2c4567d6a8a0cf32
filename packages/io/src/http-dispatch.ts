// Hops by undici: what is sent is what was asked for, and an answer comes decoded.
import { pipeline, type Readable } from 'node:stream';
import { PlugbayError } from '@plugbay/core';
import type { Agent, Dispatcher } from 'undici';
import { ACCEPTED_ENCODINGS, decoderOf } from './http-decoding.ts';
import { type Hop, type HopAnswer, type HopBody, nameOf } from './http-message.ts';

/** Asks one server by `agent`; the names of the hop's headers are in lower case. */
export async function sendBy(agent: Agent, hop: Hop, signal: AbortSignal): Promise<HopAnswer> {
  const answer = await agent.request({
    origin: hop.url.origin,
    path: `${hop.url.pathname}${hop.url.search}`,
    method: hop.method,
    headers: { ...acceptance(hop), ...hop.headers },
    body: hop.body ?? null,
    signal,
  });
  return answerOf(hop, answer);
}

// As fetch has it: parts of an encoded answer could not be decoded.
function acceptance({ headers }: Hop): Record<string, string> {
  return {
    accept: '*/*',
    'accept-encoding': 'range' in headers ? 'identity' : ACCEPTED_ENCODINGS,
    'user-agent': 'plugbay',
  };
}

function answerOf(hop: Hop, { statusCode, statusText, headers, body }: Dispatcher.ResponseData): HopAnswer {
  // A body that is dropped unread fails, for everybody who listens.
  body.on('error', () => undefined);
  const answer = { status: statusCode, statusText, headers: headersOf(headers) };
  const encoding = answer.headers.get('content-encoding') ?? 'identity';
  if (encoding === 'identity' || isBodyless(hop, answer))
    return { ...answer, body: bodyOf(body, () => body) };
  // The headers that are left describe the bytes that are read.
  answer.headers.delete('content-encoding');
  answer.headers.delete('content-length');
  return { ...answer, body: bodyOf(body, () => decoded(hop, body, encoding)) };
}

function headersOf(received: NodeJS.Dict<string | string[]>): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(received)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}

function isBodyless({ method }: Hop, { status, headers }: Omit<HopAnswer, 'body'>): boolean {
  return method === 'HEAD' || status === 204 || status === 304 || headers.get('content-length') === '0';
}

// Decoded when it is read, because nobody reads the body of a redirect.
function bodyOf(body: Readable, read: () => Readable): HopBody {
  return {
    cancel: async () => void body.destroy(),
    [Symbol.asyncIterator]: () => read()[Symbol.asyncIterator](),
  };
}

function decoded(hop: Hop, body: Readable, encoding: string): Readable {
  const decoder = decoderOf(encoding);
  if (decoder === undefined) {
    body.destroy();
    throw new PlugbayError(
      'unsupported',
      `the answer of ${nameOf(hop.url)} is encoded as ${encoding}, which was not asked for`,
    );
  }
  // Whoever reads the decoder sees the failure of either.
  pipeline(body, decoder, () => undefined);
  return decoder;
}

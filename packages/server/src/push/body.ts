// The bytes of a push: the file "artifact" of a form, or the body itself; in memory, and never more than the limit.
import { Readable } from 'node:stream';
import { ARTIFACT_MAX_BYTES, PlugbayError } from '@plugbay/core';
import type { FastifyRequest } from 'fastify';

const FILE_FIELD = 'artifact';
const HOW_TO_SEND = `Send the module as the file "${FILE_FIELD}" of a multipart/form-data body, or alone as application/wasm.`;

// Room for the boundaries and headers of a form around the file.
const FORM_OVERHEAD_BYTES = 64 * 1024;

/** Passes a request whose announced length can be within the limit. @throws PlugbayError `limit`. */
export function checkAnnouncedLength(request: FastifyRequest): void {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > ARTIFACT_MAX_BYTES + FORM_OVERHEAD_BYTES) throw tooLarge();
}

/**
 * The plugin's bytes, when all of them have arrived.
 * @throws PlugbayError `limit` (over {@link ARTIFACT_MAX_BYTES}), `invalid` (no such file); and what the connection throws.
 */
export async function readArtifact(request: FastifyRequest): Promise<Uint8Array> {
  if (request.isMultipart()) return await readForm(request);
  if (request.body instanceof Readable) return await readStream(request.body);
  throw new PlugbayError('invalid', 'the push has no body', { hint: HOW_TO_SEND });
}

async function readForm(request: FastifyRequest): Promise<Uint8Array> {
  let artifact: Uint8Array | undefined;
  try {
    // To the end of the form: only then is it certain that nothing was cut off.
    for await (const part of request.parts()) {
      if (part.type !== 'file') continue;
      const bytes = await readStream(part.file);
      if (part.fieldname === FILE_FIELD) artifact = bytes;
    }
  } catch (cause) {
    throw formError(cause);
  }
  if (artifact !== undefined) return artifact;
  throw new PlugbayError('invalid', `the form has no file "${FILE_FIELD}"`, { hint: HOW_TO_SEND });
}

// What the form's parser throws has no code; errors of the connection, of fastify and of ours do.
function formError(cause: unknown): unknown {
  if (!(cause instanceof Error) || 'code' in cause) return cause;
  return new PlugbayError('invalid', `the form cannot be read: ${cause.message}`, {
    cause,
    hint: HOW_TO_SEND,
  });
}

async function readStream(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not destroyed when it is too large: that would cut the connection before the client has read why.
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > ARTIFACT_MAX_BYTES) {
      stream.resume();
      throw tooLarge();
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(): PlugbayError {
  return new PlugbayError('limit', `the plugin is larger than ${ARTIFACT_MAX_BYTES} bytes`, {
    hint: 'Build it for size (for example wasm-opt -Oz), and strip its debug information.',
  });
}

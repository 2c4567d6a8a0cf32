// The client's side of the registry's HTTP API: one function per request, answers parsed here and trusted further in.
import {
  ARTIFACT_MAX_BYTES,
  type BindingsRecord,
  CONTENT_ADDRESS_PATTERN,
  decodeJson,
  ERROR_CODES,
  type ErrorCode,
  type InviteRecord,
  PlugbayError,
} from '@plugbay/core';
import { type HttpResponse, sendRequest } from '@plugbay/io';
import { type ExtensionSchema, parseSchema } from '@plugbay/schema';
import type { ResolvedOptions } from './options.ts';

// 10 s: a start waits this long for a server that is just coming up behind a proxy.
const REQUEST_TIMEOUT_MS = 10_000;
// 2 s: a call in the request path waits this long at most before it goes on with the bindings it knows.
const BINDINGS_TIMEOUT_MS = 2_000;
// 30 s: the largest artifact at 10 Mbit/s.
const CONTENT_TIMEOUT_MS = 30_000;
// 32 MiB: a hundred extension points with schemas of the largest size.
const JSON_MAX_BYTES = 32 * 1024 * 1024;

// Whoever refuses, the registry or a proxy, and whatever the body says.
const REFUSALS: Readonly<Record<number, ErrorCode>> = { 401: 'unauthenticated', 403: 'denied' };

const WRONG_SERVER = 'Check that baseUrl is a Plugbay server.';

/** An extension point as the client needs it. */
export interface Point {
  readonly id: string;
  readonly name: string;
  readonly schema: ExtensionSchema;
}

/** Whom to invite, and how they learn of it. */
export interface Invitation {
  readonly guestKey: string;
  readonly deliveryMethod: 'link' | 'email';
  readonly email?: string | undefined;
  readonly name?: string | undefined;
}

/** Sends the client's requests. Every method throws PlugbayError: the server's own, or `unavailable`, `timeout`, `limit`, `invalid` (an answer of no known form). */
export class Registry {
  readonly #options: ResolvedOptions;

  constructor(options: ResolvedOptions) {
    this.#options = options;
  }

  /** All extension points of the app. */
  async points(): Promise<Point[]> {
    const path = `/api/v1/apps/${encodeURIComponent(this.#options.appId)}/extension-points`;
    const answer: unknown = decodeJson(
      accepted(await this.#get(path, REQUEST_TIMEOUT_MS, JSON_MAX_BYTES), path),
    );
    return parsePoints(isObject(answer) && 'objects' in answer ? answer.objects : answer);
  }

  /** A guest's bindings at an extension point; none for a guest that the server does not know. */
  async bindings(pointId: string, guestKey: string): Promise<BindingsRecord> {
    // The slash stays: the server's route takes all that follows as the guest key.
    const guest = guestKey.split('/').map(encodeURIComponent).join('/');
    const path = `/api/v1/extension-points/${encodeURIComponent(pointId)}/bindings/${guest}`;
    const response = await this.#get(path, BINDINGS_TIMEOUT_MS, JSON_MAX_BYTES);
    // Only when the registry itself says so: a proxy says 404 too, while there is no registry behind it.
    if (response.status === 404 && sentProblem(response.bytes)?.code === 'not_found') return {};
    return parseBindings(decodeJson(accepted(response, path)));
  }

  /** The bytes of a content address, not yet checked against it. */
  async content(address: string): Promise<Uint8Array> {
    const path = `/api/v1/c/${address}`;
    return accepted(await this.#get(path, CONTENT_TIMEOUT_MS, ARTIFACT_MAX_BYTES), path);
  }

  async invite(invitation: Invitation): Promise<InviteRecord> {
    const path = `/api/v1/apps/${encodeURIComponent(this.#options.appId)}/guests`;
    const response = await sendRequest({
      url: new URL(path, this.#options.origin),
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(invitation),
      timeoutMs: REQUEST_TIMEOUT_MS,
      maxBytes: JSON_MAX_BYTES,
      fetch: this.#options.fetch,
    });
    const answer: unknown = decodeJson(accepted(response, path));
    if (!isObject(answer) || typeof answer.link !== 'string')
      throw new PlugbayError('invalid', `${path} answered without a link`, { hint: WRONG_SERVER });
    return { status: 'ok', link: answer.link };
  }

  #get(path: string, timeoutMs: number, maxBytes: number): Promise<HttpResponse> {
    const url = new URL(path, this.#options.origin);
    return sendRequest({ url, headers: this.#headers(), timeoutMs, maxBytes, fetch: this.#options.fetch });
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#options.token}` };
  }
}

/**
 * Checks a map of bindings as it comes from the server or from disk; entries without content are left out, as a version that is not validated has none.
 * @throws PlugbayError `invalid`.
 */
export function parseBindings(value: unknown): BindingsRecord {
  if (!isObject(value)) throw new PlugbayError('invalid', 'bindings are not a map', { hint: WRONG_SERVER });
  const bindings: [string, BindingsRecord[string]][] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (!isObject(entry))
      throw new PlugbayError('invalid', `binding ${JSON.stringify(name)} is not an object`);
    const { id, contentAddress, updatedAt } = entry;
    if (typeof id !== 'string' || typeof contentAddress !== 'string' || typeof updatedAt !== 'string')
      continue;
    if (CONTENT_ADDRESS_PATTERN.test(contentAddress))
      bindings.push([name, { id, contentAddress, updatedAt }]);
  }
  return Object.fromEntries(bindings);
}

/** Checks a list of extension points as it comes from the server or from disk. @throws PlugbayError `invalid`. */
export function parsePoints(value: unknown): Point[] {
  if (!Array.isArray(value))
    throw new PlugbayError('invalid', 'extension points are not a list', { hint: WRONG_SERVER });
  return value.map((point: unknown) => {
    const { id, name, schema } = isObject(point) ? point : {};
    if (typeof id !== 'string' || typeof name !== 'string' || !isObject(schema)) {
      throw new PlugbayError('invalid', 'an extension point has no id, name or schema', {
        hint: WRONG_SERVER,
      });
    }
    return { id, name, schema: parseSchema(schema).schema };
  });
}

function accepted(response: HttpResponse, path: string): Uint8Array {
  if (response.status >= 200 && response.status < 300) return response.bytes;
  throw problem(response, path);
}

// The server's own error when it is one of ours; else what can be said of the status.
function problem(response: HttpResponse, path: string): PlugbayError {
  const said = sentProblem(response.bytes);
  const known = REFUSALS[response.status] ?? ERROR_CODES.find((code) => code === said?.code);
  const detail = typeof said?.detail === 'string' ? said.detail : `${response.status} ${response.statusText}`;
  return new PlugbayError(known ?? codeOf(response.status), `${path}: ${detail}`, {
    hint: typeof said?.hint === 'string' ? said.hint : known === undefined ? WRONG_SERVER : undefined,
  });
}

function sentProblem(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = decodeJson(bytes);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(status: number): ErrorCode {
  return status >= 500 || status === 429 ? 'unavailable' : 'invalid';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

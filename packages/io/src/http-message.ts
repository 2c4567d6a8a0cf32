// What an HTTP request and its answer are here, for a caller and for one hop of the way.

/** One request. */
export interface HttpRequest {
  readonly url: URL;
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Milliseconds for all of it: connecting, redirects, the whole body. */
  readonly timeoutMs: number;
  /** Bytes of the answer's body at most. */
  readonly maxBytes: number;
  /** Redirects that are followed at most; `'manual'` follows none, and the redirect is the answer. @default as many as its sender follows */
  readonly redirects?: number | 'manual' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One answer, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** What one server is asked on the way of a request. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/** What that server answers; a `Response` of fetch is one. */
export interface HopAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: HopBody | null;
}

/** A body that is still coming. Whoever does not read it to its end cancels it. */
export interface HopBody extends AsyncIterable<Uint8Array> {
  cancel(): Promise<void>;
}

/** Asks one server, without following it elsewhere. */
export type SendHop = (hop: Hop, signal: AbortSignal) => Promise<HopAnswer>;

/** A URL as messages name it: a query or a user part may be a secret, and messages end in logs. */
export function nameOf(url: URL): string {
  return url.origin === 'null' ? url.protocol : `${url.origin}${url.pathname}`;
}

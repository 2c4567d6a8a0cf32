// Builds the plugin and runs it with a host that a test can look into.
import { readFile } from 'node:fs/promises';
import type { HostCall, HostDoor, HostReply } from '@plugbay/core';
import { createInlineRuntime, type InlineRuntime, type LocalPlugin } from '@plugbay/wasm';
import { buildPlugin, PLUGIN_FILE } from 'http-protocol-plugin';

/** An HTTPRequest, as the plugin writes it. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In base64. */
  readonly body?: string;
  readonly timeout_ms?: number;
  readonly follow_redirects?: boolean;
  readonly max_redirects?: number;
}

/** An HTTPResponse, as the host writes it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In base64. */
  readonly body?: string;
  readonly duration_ms: number;
  readonly error?: string;
}

/** How a host answers requests. */
export type Respond = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** The plugin, and what it asked of its host. */
export interface RunningPlugin {
  readonly plugin: LocalPlugin;
  readonly requests: HttpRequest[];
  readonly events: unknown[];
  /** Calls a function with JSON, or with nothing, and reads the JSON that it answers; undefined when it answers nothing. */
  call(name: string, input?: unknown): Promise<unknown>;
}

const OK: HttpResponse = { status: 200, duration_ms: 1 };
const NOTHING = new Uint8Array(0);

/** Opens the plugin; its host answers requests with `respond`. */
export async function runPlugin(respond: Respond = () => OK): Promise<RunningPlugin> {
  source ??= load();
  const requests: HttpRequest[] = [];
  const events: unknown[] = [];
  const door = doorTo({
    async http_request(payload) {
      const request = read(payload) as HttpRequest;
      requests.push(request);
      return Buffer.from(JSON.stringify(await respond(request)));
    },
    async emit_event(payload) {
      events.push(read(payload));
      return NOTHING;
    },
  });
  const { runtime, bytes } = await source;
  const plugin = await runtime.open({ name: 'http', bytes }, { tenant: 'test', door });
  return {
    plugin,
    requests,
    events,
    async call(name, input) {
      const text = typeof input === 'string' ? input : input === undefined ? '' : JSON.stringify(input);
      const output = await plugin.call(name, text);
      return output.bytes.length === 0 ? undefined : output.json();
    },
  };
}

// Built and compiled once, by the first test.
let source: Promise<{ readonly runtime: InlineRuntime; readonly bytes: Uint8Array }> | undefined;

async function load(): Promise<{ readonly runtime: InlineRuntime; readonly bytes: Uint8Array }> {
  await buildPlugin();
  return { runtime: createInlineRuntime(), bytes: await readFile(PLUGIN_FILE) };
}

type Answers = Readonly<Record<string, (payload: Uint8Array) => Promise<Uint8Array>>>;

function doorTo(answers: Answers): HostDoor {
  return {
    mode: (namespace, operation) => (namespace === 'apiqube' && operation in answers ? 'async' : undefined),
    callSync: () => {
      throw new Error('everything here is answered asynchronously');
    },
    async call({ operation, payload }: HostCall): Promise<HostReply> {
      const answer = answers[operation];
      if (answer === undefined) throw new Error(`nobody answers ${operation}`);
      return { bytes: await answer(payload) };
    },
    authorise: () => undefined,
  };
}

function read(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}

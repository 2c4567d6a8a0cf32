// From what a plugin is created from to a manifest: what strings mean, what is fetched, and which modules there are.
import { readFile } from 'node:fs/promises';
import { ARTIFACT_MAX_BYTES } from '@plugbay/core';
import { sdkError } from './errors.ts';
import { bodyOf } from './response.ts';

/** An object that somebody gave us: nothing of it is known yet. */
export type Unchecked = Readonly<Record<string, unknown>>;

/** A manifest whose modules are known to be a list of objects, and nothing else of it. */
export interface RawManifest {
  readonly wasm: readonly Unchecked[];
  /** The manifest itself, for its options. */
  readonly options: Unchecked;
}

const NO_OPTIONS: Unchecked = Object.freeze({});

// 48 MiB: a module at its limit in base64, and everything else.
const JSON_MAX_BYTES = Math.ceil(ARTIFACT_MAX_BYTES * 1.5);

const MODULE_TYPES = ['application/wasm', 'application/octet-stream'];
const JSON_TYPES = ['application/json', 'text/json'];
const MAGIC = Buffer.from('\0asm');

/**
 * The manifest that `input` is, leads to, or stands for.
 * @throws TypeError for what is no manifest, SyntaxError for JSON that is none, and what reading and fetching throw.
 */
export async function readManifest(input: unknown, send: typeof fetch): Promise<RawManifest> {
  if (typeof input === 'string') return fromString(input, send);
  if (input instanceof URL) return fromUrl(input, send);
  if (input instanceof Response) return fromResponse(input);
  if (input instanceof WebAssembly.Module) return moduleOnly({ module: input });
  if (input instanceof ArrayBuffer || ArrayBuffer.isView(input)) return moduleOnly({ data: input });
  return checked(input);
}

function fromString(text: string, send: typeof fetch): Promise<RawManifest> | RawManifest {
  if (/^\s*\{/.test(text)) return checked(JSON.parse(text));
  if (/^(https?|file):/i.test(text)) return fromUrl(new URL(text), send);
  return moduleOnly({ path: text });
}

async function fromUrl(url: URL, send: typeof fetch): Promise<RawManifest> {
  if (url.protocol !== 'file:') return fromResponse(await send(url));
  const bytes = await readFile(url);
  return bytes.subarray(0, MAGIC.length).equals(MAGIC)
    ? moduleOnly({ data: bytes })
    : checked(JSON.parse(bytes.toString()));
}

async function fromResponse(response: Response): Promise<RawManifest> {
  const header = response.headers.get('content-type');
  const type = header?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === undefined || MODULE_TYPES.includes(type)) return moduleOnly({ response });
  if (JSON_TYPES.includes(type)) {
    const bytes = await bodyOf(response, JSON_MAX_BYTES);
    return checked(JSON.parse(Buffer.from(bytes).toString()));
  }
  await response.body?.cancel();
  const types = [...MODULE_TYPES, ...JSON_TYPES].join(', ');
  throw new TypeError(
    `A manifest or a module must come as one of ${types}; got "${type}" from ${response.url}`,
  );
}

function moduleOnly(item: Unchecked): RawManifest {
  return { wasm: [item], options: NO_OPTIONS };
}

function checked(value: unknown): RawManifest {
  if (!isObject(value))
    throw new TypeError('A manifest must be an object, a string, a URL, a Response or bytes');
  const { wasm } = value;
  if (wasm === undefined) throw new TypeError('Expected "wasm" key in manifest');
  if (!Array.isArray(wasm)) throw new TypeError('Expected "manifest.wasm" to be array');
  if (wasm.length === 0) throw sdkError('invalid', 'the manifest has no module');
  const broken = wasm.findIndex((item) => !isObject(item));
  if (broken >= 0) throw new TypeError(`manifest.wasm[${broken}] must be an object`);
  return { wasm: wasm as Unchecked[], options: value };
}

/** Whether a value may be looked into. */
export function isObject(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

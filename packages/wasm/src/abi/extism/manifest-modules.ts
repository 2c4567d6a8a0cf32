// The modules of a manifest: where each comes from, and by which name the others import from it.
import { ARTIFACT_MAX_BYTES, PlugbayError } from '@plugbay/core';
import { type Field, fieldsOf, invalid, kindOf, listOf, textMapOf, textOf } from './manifest-fields.ts';

// 16: a plugin that is an interpreter has two or three.
const MAX_MODULES = 16;

// What the module that is called is named.
const MAIN_MODULE = 'main';

// 256: a name that others have to write as the module they import from.
const NAME_MAX_CHARACTERS = 256;
// 128: any digest in hex; what is no SHA-256 does not match.
const HASH_MAX_CHARACTERS = 128;
// 4,096: PATH_MAX of Linux, and what servers take as a URL.
const LOCATION_MAX_CHARACTERS = 4_096;
// 100 headers of 8 KiB: what servers take.
const HEADER_BOUNDS = { entries: 100, keyCharacters: 256, valueCharacters: 8_192 };
const METHOD = /^[A-Za-z]{1,20}$/;

/** Where a module's bytes are. */
export type ModuleOrigin =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'url';
      readonly url: string;
      /** In upper case. */
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
    };

/** One module of a manifest. */
export interface ManifestModule {
  /** By what others import from it; `main` for the one that is called. */
  readonly name: string;
  readonly origin: ModuleOrigin;
  /** What the lower-case hex SHA-256 of its bytes has to be. */
  readonly hash?: string;
}

const COMMON = { name: 'nullable', hash: 'nullable' } as const;
const FROM_URL = { url: 'required', headers: 'optional', method: 'nullable', ...COMMON } as const;
const EVERY = { path: 'optional', data: 'optional', ...FROM_URL, url: 'optional' } as const;

/** The modules of `wasm`, by the names that they really have. @throws PlugbayError `invalid` or `limit`. */
export function parseModules(wasm: Field): readonly ManifestModule[] {
  const entries = listOf(wasm, MAX_MODULES);
  if (entries.length === 0) throw invalid(wasm.path, 'is empty', 'Name at least one module.');
  const names = settleNames(entries.map(nameOf));
  return Object.freeze(entries.map((entry, index) => parseModule(entry, names[index] as string)));
}

function nameOf(entry: Field): string | undefined {
  const name = fieldsOf(entry, EVERY).get('name');
  return name === undefined ? undefined : textOf(name, NAME_MAX_CHARACTERS);
}

// A single module is the main one whatever it is called. Of several, one without a name is; if there is none, the last one is.
function settleNames(given: readonly (string | undefined)[]): readonly string[] {
  if (given.length === 1) return [MAIN_MODULE];
  const names = given.map((name) => name ?? MAIN_MODULE);
  if (!names.includes(MAIN_MODULE)) names[names.length - 1] = MAIN_MODULE;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new PlugbayError('invalid', `Duplicate module name found in Extism manifest: ${twice}`, {
    hint: 'Give every module a name of its own; one without a name is "main".',
  });
}

function parseModule(entry: Field, name: string): ManifestModule {
  const hash = fieldsOf(entry, EVERY).get('hash');
  return Object.freeze({
    name,
    origin: Object.freeze(parseOrigin(entry)),
    ...(hash === undefined ? {} : { hash: textOf(hash, HASH_MAX_CHARACTERS) }),
  });
}

function parseOrigin(entry: Field): ModuleOrigin {
  const every = fieldsOf(entry, EVERY);
  const given = (['path', 'data', 'url'] as const).filter((kind) => every.has(kind));
  if (given.length !== 1) {
    throw invalid(entry.path, `has ${given.join(' and ') || 'no source'}`, 'Give one of path, data and url.');
  }
  if (given[0] === 'url') return parseUrl(entry);
  if (given[0] === 'path') {
    const path = fieldsOf(entry, { path: 'required', ...COMMON }).get('path') as Field;
    return { kind: 'path', path: requireText(path, textOf(path, LOCATION_MAX_CHARACTERS)) };
  }
  const data = fieldsOf(entry, { data: 'required', ...COMMON }).get('data') as Field;
  return { kind: 'data', bytes: parseData(data) };
}

function requireText({ path }: Field, text: string): string {
  if (text === '') throw invalid(path, 'is empty');
  return text;
}

function parseUrl(entry: Field): ModuleOrigin {
  const fields = fieldsOf(entry, FROM_URL);
  const field = fields.get('url') as Field;
  // As in the options of the SDK for JavaScript.
  const given = field.value instanceof URL ? { ...field, value: field.value.href } : field;
  const text = textOf(given, LOCATION_MAX_CHARACTERS);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw invalid(field.path, 'must be a URL that begins with http: or https:');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(field.path, 'contains a user or a password', 'Send them as a header.');
  }
  const method = fields.get('method');
  const headers = fields.get('headers');
  return {
    kind: 'url',
    url: url.href,
    method: method === undefined ? 'GET' : parseMethod(method),
    headers: Object.freeze(
      headers === undefined ? {} : Object.fromEntries(textMapOf(headers, HEADER_BOUNDS)),
    ),
  };
}

function parseMethod(field: Field): string {
  const text = textOf(field, LOCATION_MAX_CHARACTERS);
  if (!METHOD.test(text)) throw invalid(field.path, 'must be a method of HTTP, like GET');
  return text.toUpperCase();
}

// Bytes, or their base64 as RFC 4648 has it: standard alphabet, padded, and no bits to spare.
function parseData({ path, value }: Field): Uint8Array {
  if (value instanceof Uint8Array) return within(path, value);
  if (typeof value !== 'string') throw invalid(path, `must be base64, not ${kindOf(value)}`);
  if (value.length > Math.ceil(ARTIFACT_MAX_BYTES / 3) * 4) throw tooLarge(path);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) {
    throw invalid(path, 'is not base64', 'Use the standard alphabet with padding and no line breaks.');
  }
  return within(path, bytes);
}

function within(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length > ARTIFACT_MAX_BYTES) throw tooLarge(path);
  return bytes;
}

/** The refusal of a module that has too many bytes. */
export function tooLarge(path: string): PlugbayError {
  return new PlugbayError(
    'limit',
    `Extism manifest: ${path} has more than the ${ARTIFACT_MAX_BYTES} bytes that a module may have`,
  );
}

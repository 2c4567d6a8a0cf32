// JSON as ApiQube plugins and hosts read it, by the rules of Go's encoding/json: a field that is missing or null is empty, a name
// is found in any letter case, a name nobody knows is passed over, and one value of the wrong type spoils the whole document.
import { PlugbayError } from '@plugbay/core';
import { requireShallow } from './nesting.ts';

/** Reads one value; `path` is where it stands, for messages. Null is the empty value. @throws PlugbayError `invalid`. */
export type Reader<T> = (value: unknown, path: string) => T;

/** Readers of an object's fields, by the fields' names, which are in lower case. */
export type Readers<T> = { readonly [K in keyof T]-?: Reader<T[K]> };

// A name in a message: long enough to find it.
const SHOWN_CHARACTERS = 60;
const PLAIN_NAME = /^[\w-]+$/;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads a document of `maxBytes` bytes at most. What is not UTF-8 in it is read as U+FFFD.
 * @throws PlugbayError `limit` (too large), `invalid` (no JSON, nested deeper than 10,000, a value of the wrong type).
 */
export function readJson<T>(bytes: Uint8Array, maxBytes: number, read: Reader<T>): T {
  if (bytes.length > maxBytes) {
    throw new PlugbayError('limit', `its JSON has ${bytes.length} bytes, more than ${maxBytes}`);
  }
  requireShallow(bytes);
  return read(parse(decoder.decode(bytes)), '');
}

/** A string; empty when missing. */
export const text: Reader<string> = (value, path) => {
  if (value === null) return '';
  if (typeof value !== 'string') throw wrong(value, path, 'a string');
  return value;
};

/** A boolean; false when missing. */
export const flag: Reader<boolean> = (value, path) => {
  if (value === null) return false;
  if (typeof value !== 'boolean') throw wrong(value, path, 'true or false');
  return value;
};

/** A whole number that JavaScript has exactly; 0 when missing. */
export const whole: Reader<number> = (value, path) => {
  if (value === null) return 0;
  if (!Number.isSafeInteger(value)) throw wrong(value, path, 'a whole number');
  return Number(value);
};

/** Any value of JSON, null included. */
export const anything: Reader<unknown> = (value) => value;

/** A list; empty when missing. */
export function list<T>(element: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (value === null) return [];
    if (!Array.isArray(value)) throw wrong(value, path, 'a list');
    return value.map((item, index) => element(item, `${path}[${index}]`));
  };
}

/** An object of values by name; empty when missing. */
export function map<T>(element: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = value === null ? [] : Object.entries(requireObject(value, path));
    // Defines each name, so that `__proto__` is one like any other.
    return Object.fromEntries(entries.map(([name, item]) => [name, element(item, below(path, name))]));
  };
}

/** What `read` reads, or undefined when it is missing or empty. */
export function filled<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, path) => {
    const found = read(value, path);
    return isEmpty(found) ? undefined : found;
  };
}

/** An object with these fields, but for those that are undefined. Of several spellings of a name, the last that is not null counts. */
export function object<T>(readers: Readers<T>): Reader<T> {
  const names = Object.keys(readers) as (keyof T & string)[];
  const known: ReadonlyMap<string, keyof T & string> = new Map(names.map((name) => [name, name]));
  return (value, path) => {
    const found = new Map<string, unknown>();
    for (const [spelling, item] of Object.entries(value === null ? {} : requireObject(value, path))) {
      const name = known.get(folded(spelling));
      if (name !== undefined && item !== null) found.set(name, readers[name](item, below(path, name)));
    }
    const fields = names.map((name) => [name, found.has(name) ? found.get(name) : readers[name](null, path)]);
    return Object.fromEntries(fields.filter(([, field]) => field !== undefined)) as T;
  };
}

/** Text from outside, as a message shows it. */
export function shown(value: string): string {
  return JSON.stringify(cut(value));
}

function cut(value: string): string {
  return value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

// As Go folds: the Kelvin sign is a k, which JavaScript knows too, and the long s an s, which it does not.
function folded(name: string): string {
  return name.toLowerCase().replaceAll('ſ', 's');
}

function below(path: string, name: string): string {
  const part = PLAIN_NAME.test(name) ? cut(name) : shown(name);
  return path === '' ? part : `${path}.${part}`;
}

function requireObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw wrong(value, path, 'an object');
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new PlugbayError('invalid', `${shown(json)} is not JSON`, { cause });
  }
}

function wrong(value: unknown, path: string, wanted: string): PlugbayError {
  const where = path === '' ? 'the document' : path;
  return new PlugbayError('invalid', `${where} must be ${wanted}, not ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' ? `the number ${value}` : `a ${typeof value}`;
}

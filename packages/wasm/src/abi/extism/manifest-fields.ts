// Reads untrusted objects field by field; every refusal says where in the manifest it is.
import { PlugbayError } from '@plugbay/core';

/** A value and the path to it, as `wasm[0].name`. */
export interface Field {
  readonly path: string;
  readonly value: unknown;
}

/** The names that an object may have, as the format spells them; `nullable` where `null` is the same as absent. */
export type FieldNames = Readonly<Record<string, 'required' | 'optional' | 'nullable'>>;

/** The fields that are there, by the format's spelling. */
export type Fields<Names extends FieldNames> = ReadonlyMap<keyof Names & string, Field>;

// Enough of a foreign name or value to find it again, and too little to fill a log.
const QUOTED_CHARACTERS = 80;

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,79}$/;

/** A refusal of what is at `path`. */
export function invalid(path: string, problem: string, hint?: string): PlugbayError {
  return new PlugbayError('invalid', `Extism manifest: ${path === '' ? 'it' : path} ${problem}`, { hint });
}

/** The path to a member of the object at `path`. */
function pathTo(path: string, name: string): string {
  if (!PLAIN_NAME.test(name)) return `${path}[${JSON.stringify(name.slice(0, QUOTED_CHARACTERS))}]`;
  return path === '' ? name : `${path}.${name}`;
}

/**
 * The fields of an object; each may be spelled as the format does, `max_pages`, or as JavaScript does, `maxPages`.
 * @throws PlugbayError `invalid` for anything but an object, for unknown fields, for both spellings and for what is missing.
 */
export function fieldsOf<Names extends FieldNames>({ path, value }: Field, names: Names): Fields<Names> {
  if (!isObject(value)) throw invalid(path, `must be an object, not ${kindOf(value)}`);
  const spellings = new Map(Object.keys(names).flatMap((name) => spellingsOf(name).map((as) => [as, name])));
  const fields = new Map<string, Field>();
  for (const [spelling, member] of Object.entries(value)) {
    const name = spellings.get(spelling);
    if (name === undefined) throw unknownField(pathTo(path, spelling), Object.keys(names));
    if (member === undefined || (member === null && names[name] === 'nullable')) continue;
    if (fields.has(name)) {
      throw invalid(path, `has both ${spellingsOf(name).join(' and ')}`, 'Keep one of them.');
    }
    fields.set(name, { path: pathTo(path, spelling), value: member });
  }
  for (const [name, presence] of Object.entries(names)) {
    if (presence === 'required' && !fields.has(name)) throw invalid(path, `has no ${name}`);
  }
  return fields;
}

/** A field's text. @throws PlugbayError `invalid` unless it is one of at most `max` characters. */
export function textOf({ path, value }: Field, max: number): string {
  if (typeof value !== 'string') throw invalid(path, `must be a string, not ${kindOf(value)}`);
  if (value.length > max) throw invalid(path, `has ${value.length} characters, more than ${max}`);
  return value;
}

/** A field's number. @throws PlugbayError `invalid` unless it is a whole one from 0 to `max`. */
export function wholeNumberOf({ path, value }: Field, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max)
    return value as number;
  const found = typeof value === 'number' ? String(value) : kindOf(value);
  throw invalid(path, `must be a whole number from 0 to ${max}, not ${found}`);
}

/** A list's members. @throws PlugbayError `invalid` unless it is one of at most `max`. */
export function listOf({ path, value }: Field, max: number): Field[] {
  if (!Array.isArray(value)) throw invalid(path, `must be an array, not ${kindOf(value)}`);
  if (value.length > max) throw invalid(path, `has ${value.length} members, more than ${max}`);
  return Array.from(value, (member: unknown, index) => ({ path: `${path}[${index}]`, value: member }));
}

/** How much a map of texts may hold. */
export interface MapBounds {
  readonly entries: number;
  readonly keyCharacters: number;
  readonly valueCharacters: number;
}

/** A map's entries, in its order. @throws PlugbayError `invalid` unless keys and values are texts within `bounds`. */
export function textMapOf({ path, value }: Field, bounds: MapBounds): [key: string, value: string][] {
  if (!isObject(value)) throw invalid(path, `must be an object, not ${kindOf(value)}`);
  const entries = Object.entries(value);
  if (entries.length > bounds.entries) {
    throw invalid(path, `has ${entries.length} members, more than ${bounds.entries}`);
  }
  return entries.map(([key, member]) => {
    const field = { path: pathTo(path, key), value: member };
    if (key.length > bounds.keyCharacters) {
      throw invalid(field.path, `has a name of ${key.length} characters, more than ${bounds.keyCharacters}`);
    }
    return [key, textOf(field, bounds.valueCharacters)];
  });
}

/** What a value is, in a word or two. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === undefined) return 'nothing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function spellingsOf(name: string): string[] {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return camel === name ? [name] : [name, camel];
}

function unknownField(path: string, names: readonly string[]): PlugbayError {
  return new PlugbayError('invalid', `Extism manifest: unknown field ${path}`, {
    hint: `Known there: ${names.join(', ')}.`,
  });
}

// Copies a YAML document into plain JSON, within the bounds: the one place where hostile structure ends.
import { PlugbayError } from '@plugbay/core';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type YAMLMap } from 'yaml';
import {
  SCHEMA_MAX_ALIASES,
  SCHEMA_MAX_DEPTH,
  SCHEMA_MAX_NAME_CHARACTERS,
  SCHEMA_MAX_VALUES,
} from './limits.ts';

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A document as JSON. */
export interface YamlTree {
  readonly root: Json;
  /** Where each part starts in the text, by its path. */
  readonly offsets: ReadonlyMap<string, number>;
  /** What JSON cannot hold: keys that are there twice or are no names, aliases of nothing. */
  readonly faults: readonly { readonly path: string; readonly message: string }[];
}

/**
 * The JSON of a document, in which every name is an own property, `__proto__` too.
 * @throws PlugbayError `limit` beyond SCHEMA_MAX_DEPTH (so also for an alias within itself), _VALUES, _ALIASES or _NAME_CHARACTERS.
 */
export function yamlTree(document: Document): YamlTree {
  const offsets = new Map<string, number>();
  const faults: { path: string; message: string }[] = [];
  let values = 0;
  let aliases = 0;

  const copy = (given: unknown, path: string, depth: number): Json => {
    if (++values > SCHEMA_MAX_VALUES) throw limit(`has more than ${SCHEMA_MAX_VALUES} values`);
    let node = given;
    if (isAlias(given)) {
      if (++aliases > SCHEMA_MAX_ALIASES) throw limit(`has more than ${SCHEMA_MAX_ALIASES} aliases`);
      node = given.resolve(document);
      if (node === undefined) faults.push({ path, message: 'is an alias of no anchor above it' });
    }
    if (isScalar(node)) return node.value as Json;
    if (!isMap(node) && !isSeq(node)) return null;
    if (depth === SCHEMA_MAX_DEPTH) throw limit(`is nested more than ${SCHEMA_MAX_DEPTH} levels deep`);
    if (isMap(node)) return copyMap(node, path, depth);
    return node.items.map((item, index) => copy(item, at(path, String(index), item), depth + 1));
  };

  const copyMap = (map: YAMLMap, path: string, depth: number): Json => {
    const entries = new Map<string, Json>();
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        faults.push({ path, message: 'has a key that is not a name' });
        continue;
      }
      // As written: a property may be called True, 007 or null.
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (name.length > SCHEMA_MAX_NAME_CHARACTERS) throw limit(`has a name of ${name.length} characters`);
      const below = at(path, name, key);
      if (entries.has(name)) faults.push({ path: below, message: 'is there already' });
      entries.set(name, copy(value, below, depth + 1));
    }
    return Object.fromEntries(entries);
  };

  const at = (path: string, name: string, node: unknown): string => {
    const below = `${path}/${pointerToken(name)}`;
    if (isNode(node) && node.range) offsets.set(below, node.range[0]);
    return below;
  };

  return { root: copy(document.contents, '#', 0), offsets, faults };
}

/** A name as it stands in a JSON pointer (RFC 6901). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function limit(what: string): PlugbayError {
  return new PlugbayError('limit', `the schema ${what}`);
}

// What a schema may hold at most. The largest real one that we found (seven exports with samples in seven languages)
// has 12.5 KiB and 500 values.

/** Bytes of a schema's text: twenty times the largest real one. */
export const SCHEMA_MAX_BYTES: number = 256 * 1024;

/** YAML tokens of a text: what 256 KiB of an ordinary schema have. The worst 60,000 take less than a second. */
export const SCHEMA_MAX_TOKENS = 60_000;

/** Levels of maps and lists within each other: a list in a map in a property is 8 deep; recursion takes a hundred times more. */
export const SCHEMA_MAX_DEPTH = 32;

/** Maps, lists and scalars, counted as often as aliases repeat them: forty times the largest real schema. */
export const SCHEMA_MAX_VALUES = 20_000;

/** YAML aliases: each one costs a search of the whole document. */
export const SCHEMA_MAX_ALIASES = 100;

/** Names in one map (exports, imports, types, properties of one type): clients make a function of each export. */
export const SCHEMA_MAX_NAMES = 512;

/** Characters of a name: more than twice the longest real one; the path of every part is made of names. */
export const SCHEMA_MAX_NAME_CHARACTERS = 100;

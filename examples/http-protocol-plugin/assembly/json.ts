// JSON values of any shape, and writing them.

export enum Kind {
  Null,
  Bool,
  Number,
  String,
  Array,
  Object,
}

/** A JSON value. */
export class Json {
  /** A string's content; a number, true and false as they are written. */
  text: string = '';
  /** An object's keys, in order; a key that comes twice counts the last time. */
  keys: string[] = [];
  /** What an array or an object holds. */
  values: Json[] = [];

  constructor(public kind: Kind) {}

  static ofString(content: string): Json {
    const json = new Json(Kind.String);
    json.text = content;
    return json;
  }

  static ofNumber(literal: string): Json {
    const json = new Json(Kind.Number);
    json.text = literal;
    return json;
  }

  static ofBool(value: bool): Json {
    const json = new Json(Kind.Bool);
    json.text = value ? 'true' : 'false';
    return json;
  }

  static object(): Json {
    return new Json(Kind.Object);
  }

  static array(): Json {
    return new Json(Kind.Array);
  }

  /** What an object holds under this key; null when it is no object or has no such key, or null is there. */
  get(key: string): Json | null {
    if (this.kind != Kind.Object) return null;
    const at = this.keys.lastIndexOf(key);
    if (at < 0 || this.values[at].kind == Kind.Null) return null;
    return this.values[at];
  }

  /** The string that an object holds under this key; empty when there is none. */
  getString(key: string): string {
    const found = this.get(key);
    return found !== null && found.kind == Kind.String ? found.text : '';
  }

  /** Adds an entry to an object, and returns the object. */
  with(key: string, value: Json): Json {
    this.keys.push(key);
    this.values.push(value);
    return this;
  }

  /** Adds to an array, and returns the array. */
  add(value: Json): Json {
    this.values.push(value);
    return this;
  }

  /** The value as JSON text. */
  write(): string {
    const parts: string[] = [];
    this.writeTo(parts);
    return parts.join('');
  }

  private writeTo(parts: string[]): void {
    switch (this.kind) {
      case Kind.Null:
        parts.push('null');
        break;
      case Kind.Bool:
      case Kind.Number:
        parts.push(this.text);
        break;
      case Kind.String:
        parts.push(quoted(this.text));
        break;
      case Kind.Array:
        parts.push('[');
        for (let i = 0; i < this.values.length; i++) {
          if (i > 0) parts.push(',');
          this.values[i].writeTo(parts);
        }
        parts.push(']');
        break;
      default:
        parts.push('{');
        for (let i = 0; i < this.values.length; i++) {
          if (i > 0) parts.push(',');
          parts.push(quoted(this.keys[i]));
          parts.push(':');
          this.values[i].writeTo(parts);
        }
        parts.push('}');
    }
  }
}

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;

function quoted(text: string): string {
  const parts: string[] = ['"'];
  let written = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isHighSurrogate(code) && at + 1 < text.length && isLowSurrogate(text.charCodeAt(at + 1))) {
      at++;
      continue;
    }
    // Half of a character has no UTF-8 of its own.
    const plain = code >= 0x20 && code != QUOTE && code != BACKSLASH && (code & 0xf800) != 0xd800;
    if (plain) continue;
    parts.push(text.substring(written, at));
    parts.push(escaped(code));
    written = at + 1;
  }
  parts.push(text.substring(written));
  parts.push('"');
  return parts.join('');
}

function escaped(code: i32): string {
  if (code == QUOTE) return '\\"';
  if (code == BACKSLASH) return '\\\\';
  return '\\u' + code.toString(16).padStart(4, '0');
}

function isHighSurrogate(code: i32): bool {
  return (code & 0xfc00) == 0xd800;
}

function isLowSurrogate(code: i32): bool {
  return (code & 0xfc00) == 0xdc00;
}

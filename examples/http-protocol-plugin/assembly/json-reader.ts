// Reading JSON as RFC 8259 defines it. AssemblyScript cannot catch, so that what is wrong is a null and no exception.
import { Json, Kind } from './json';

// How deep values may be nested: far more than tests are, and less than the stack has room for.
const MAX_DEPTH = 200;

/** The value that a text stands for; null when it is no JSON, or nested too deeply. */
export function parseJson(text: string): Json | null {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  return reader.finished() ? value : null;
}

class JsonReader {
  private at: i32 = 0;
  private failed: bool = false;

  constructor(private text: string) {}

  /** Whether all of the text was read, and nothing was wrong. */
  finished(): bool {
    this.skipSpace();
    return !this.failed && this.at == this.text.length;
  }

  value(depth: i32): Json {
    this.skipSpace();
    if (depth > MAX_DEPTH) return this.fail();
    const code = this.peek();
    if (code == 0x7b) return this.object(depth);
    if (code == 0x5b) return this.array(depth);
    if (code == 0x22) return Json.ofString(this.string());
    if (code == 0x2d || isDigit(code)) return this.number();
    if (this.takeWord('true')) return Json.ofBool(true);
    if (this.takeWord('false')) return Json.ofBool(false);
    if (this.takeWord('null')) return new Json(Kind.Null);
    return this.fail();
  }

  private object(depth: i32): Json {
    const object = Json.object();
    this.at++;
    this.skipSpace();
    if (this.take(0x7d)) return object;
    while (!this.failed) {
      this.skipSpace();
      if (this.peek() != 0x22) return this.fail();
      const key = this.string();
      this.skipSpace();
      if (!this.take(0x3a)) return this.fail();
      object.with(key, this.value(depth + 1));
      this.skipSpace();
      if (this.take(0x7d)) return object;
      if (!this.take(0x2c)) return this.fail();
    }
    return object;
  }

  private array(depth: i32): Json {
    const array = Json.array();
    this.at++;
    this.skipSpace();
    if (this.take(0x5d)) return array;
    while (!this.failed) {
      array.add(this.value(depth + 1));
      this.skipSpace();
      if (this.take(0x5d)) return array;
      if (!this.take(0x2c)) return this.fail();
    }
    return array;
  }

  // From its opening quote to behind its closing one.
  private string(): string {
    const parts: string[] = [];
    let start = ++this.at;
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at);
      if (code < 0x20) break;
      if (code == 0x22) {
        parts.push(this.text.substring(start, this.at++));
        return parts.length == 1 ? parts[0] : parts.join('');
      }
      this.at++;
      if (code != 0x5c) continue;
      parts.push(this.text.substring(start, this.at - 1));
      parts.push(this.escape());
      start = this.at;
    }
    this.failed = true;
    return '';
  }

  // What stands behind a backslash.
  private escape(): string {
    const code = this.peek();
    this.at++;
    switch (code) {
      case 0x22:
      case 0x2f:
      case 0x5c:
        return String.fromCharCode(code);
      case 0x62:
        return '\b';
      case 0x66:
        return '\f';
      case 0x6e:
        return '\n';
      case 0x72:
        return '\r';
      case 0x74:
        return '\t';
      case 0x75:
        return this.hexadecimal();
      default:
        this.failed = true;
        return '';
    }
  }

  private hexadecimal(): string {
    let unit = 0;
    for (let digits = 0; digits < 4; digits++) {
      const code = this.peek();
      const lower = code | 0x20;
      if (isDigit(code)) unit = (unit << 4) | (code - 0x30);
      else if (lower >= 0x61 && lower <= 0x66) unit = (unit << 4) | (lower - 0x57);
      else this.failed = true;
      this.at++;
    }
    return String.fromCharCode(unit);
  }

  // A number stays as it is written, so that none loses digits on its way through.
  private number(): Json {
    const start = this.at;
    this.take(0x2d);
    if (!this.take(0x30) && !this.digits()) return this.fail();
    if (this.take(0x2e) && !this.digits()) return this.fail();
    if (this.take(0x65) || this.take(0x45)) {
      if (!this.take(0x2b)) this.take(0x2d);
      if (!this.digits()) return this.fail();
    }
    return Json.ofNumber(this.text.substring(start, this.at));
  }

  private digits(): bool {
    const start = this.at;
    while (isDigit(this.peek())) this.at++;
    return this.at > start;
  }

  private skipSpace(): void {
    while (isSpace(this.peek())) this.at++;
  }

  // The next character; -1 behind the last one.
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private take(code: i32): bool {
    if (this.peek() != code) return false;
    this.at++;
    return true;
  }

  private takeWord(word: string): bool {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private fail(): Json {
    this.failed = true;
    return new Json(Kind.Null);
  }
}

function isDigit(code: i32): bool {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: i32): bool {
  return code == 0x20 || code == 0x0a || code == 0x0d || code == 0x09;
}

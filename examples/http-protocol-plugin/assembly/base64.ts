// Base64 (RFC 4648, section 4), which is how bodies travel inside JSON.

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING: i32 = 0x3d;

/** A text's UTF-8 in base64. */
export function encodeBase64(text: string): string {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  const digits = new Array<i32>();
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const second = left > 1 ? <i32>bytes[at + 1] : 0;
    const third = left > 2 ? <i32>bytes[at + 2] : 0;
    const group = (<i32>bytes[at] << 16) | (second << 8) | third;
    digits.push(digit(group >> 18));
    digits.push(digit(group >> 12));
    digits.push(left > 1 ? digit(group >> 6) : PADDING);
    digits.push(left > 2 ? digit(group) : PADDING);
  }
  return String.fromCharCodes(digits);
}

/** The bytes that `encoded` stands for; null when it is no base64. */
export function decodeBase64(encoded: string): Uint8Array | null {
  const bytes = new Uint8Array((encoded.length / 4) * 3 + 3);
  let length = 0;
  let bits = 0;
  let group = 0;
  for (let at = 0; at < encoded.length && encoded.charCodeAt(at) != PADDING; at++) {
    const value = valueOf(encoded.charCodeAt(at));
    if (value < 0) return null;
    group = (group << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = <u8>(group >> bits);
  }
  return bytes.subarray(0, length);
}

function digit(group: i32): i32 {
  return DIGITS.charCodeAt(group & 63);
}

function valueOf(code: i32): i32 {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code == 0x2b) return 62;
  return code == 0x2f ? 63 : -1;
}

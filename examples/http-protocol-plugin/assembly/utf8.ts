// UTF-8 that strangers wrote: what is none becomes U+FFFD, as in browsers. The library's own decoder stops there instead.

const REPLACEMENT: i32 = 0xfffd;

/** The text of `bytes`. */
export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    while (at < bytes.length && bytes[at] < 0x80) at++;
    if (at > start) parts.push(String.UTF8.decodeUnsafe(bytes.dataStart + start, at - start));
    if (at == bytes.length) break;
    const length = sequenceLength(bytes, at);
    // As many bytes as could have been a character's stand for one that is broken.
    if (length > 0) parts.push(String.UTF8.decodeUnsafe(bytes.dataStart + at, length));
    else parts.push(String.fromCharCode(REPLACEMENT));
    at += abs(length);
  }
  return parts.join('');
}

// Bytes of the character that begins at `at`; negative for so many bytes that are none.
function sequenceLength(bytes: Uint8Array, at: i32): i32 {
  const first = <i32>bytes[at];
  const expected = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (expected == 0) return -1;
  for (let index = 1; index < expected; index++) {
    if (at + index >= bytes.length) return -index;
    const byte = <i32>bytes[at + index];
    // Beyond these, a second byte makes a longer form than needed, half of a pair, or no character at all.
    const least = index > 1 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const most = index > 1 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte < least || byte > most) return -index;
  }
  return expected;
}

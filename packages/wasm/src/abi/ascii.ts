// Short ASCII, as most names and small texts are: a loop over it takes less than a call into the runtime's codecs.

// Up to here a loop is faster.
const SHORT = 64;

/** The text of `length` of `bytes` from `start`; undefined when it is longer, or not ASCII. */
export function readShortAscii(bytes: Uint8Array, start: number, length: number): string | undefined {
  if (length > SHORT) return undefined;
  let text = '';
  for (let index = start; index < start + length; index++) {
    const code = bytes[index] as number;
    if (code > 0x7f) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}

/** Whether a text is ASCII of that length, so that it has as many bytes as characters. */
export function isShortAscii(text: string): boolean {
  if (text.length > SHORT) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** Writes a text for which {@link isShortAscii} holds. */
export function writeAscii(text: string, bytes: Uint8Array, start: number): void {
  for (let index = 0; index < text.length; index++) bytes[start + index] = text.charCodeAt(index);
}

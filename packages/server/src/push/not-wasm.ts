// What bytes that are no wasm module look like, so that whoever pushed the wrong file sees which one it was.
import { PlugbayError } from '@plugbay/core';

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d];
// Fifth to eighth byte: a core module of version 1. Components have the layer 1 in the upper half.
const MODULE_VERSION = [0x01, 0x00, 0x00, 0x00];
const COMPONENT_LAYER_OFFSET = 6;

const SIGNATURES: readonly { readonly bytes: readonly number[]; readonly what: string }[] = [
  { bytes: [0x1f, 0x8b], what: 'a gzip file' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'a zstd file' },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], what: 'a native program (ELF)' },
  { bytes: [0xcf, 0xfa, 0xed, 0xfe], what: 'a native program (Mach-O)' },
  { bytes: [0x4d, 0x5a], what: 'a native program (Windows)' },
];

/** Passes bytes that start as a core wasm module does. @throws PlugbayError `invalid` that says what they look like. */
export function requireWasm(bytes: Uint8Array): void {
  if (startsWith(bytes, [...WASM_MAGIC, ...MODULE_VERSION])) return;
  throw new PlugbayError('invalid', `the artifact is not a WebAssembly module: it ${look(bytes)}`, {
    hint: 'Push the .wasm file that your build made.',
  });
}

function look(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty';
  if (startsWith(bytes, WASM_MAGIC)) {
    if (bytes[COMPONENT_LAYER_OFFSET] === 0x01)
      return 'is a WebAssembly component; Plugbay runs core modules';
    return 'has the start of one, and no known version';
  }
  const signature = SIGNATURES.find((candidate) => startsWith(bytes, candidate.bytes));
  if (signature !== undefined) return `looks like ${signature.what}`;
  return isText(bytes) ? 'looks like text' : `starts with the bytes ${hex(bytes.subarray(0, 4))}`;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}

// The first KiB tells; stream: true, because it may end inside a character.
function isText(bytes: Uint8Array): boolean {
  try {
    const start = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, 1024), { stream: true });
    return !start.includes('\0');
  } catch {
    return false;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

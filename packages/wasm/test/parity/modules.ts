// Manifests of the test guests, and guests in other shapes than bytes.
import { type GuestName, guest } from '../guests/catalogue.ts';

interface Entry {
  readonly data: Uint8Array;
  readonly name?: string;
}

/** A manifest of one guest, as an object. */
export async function manifestOf(name: GuestName): Promise<{ wasm: Entry[] }> {
  return { wasm: [{ data: await guest(name) }] };
}

/** A manifest of several guests by the names that they import each other by. */
export async function linked(modules: Readonly<Record<string, GuestName>>): Promise<{ wasm: Entry[] }> {
  const entries = Object.entries(modules).map(async ([name, from]) => ({ name, data: await guest(from) }));
  return { wasm: await Promise.all(entries) };
}

/** A compiled guest. */
export async function compiled(name: GuestName): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(await guest(name));
}

/** A number as guests read it: 8 bytes in little endian. */
export function word(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

// The waPC project's own host for JavaScript in the version that this package pins, with what its tests use.
import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';

/** What the host exports. */
export type WapcPeer = typeof import('@wapc/host');

/** The host; loaded when it is first asked for. */
export async function wapcPeer(): Promise<WapcPeer> {
  return import('@wapc/host');
}

/** One of the modules in Rust that come with the host. @throws Error when it is not there. */
export async function wapcFixture(
  name: 'rust_echo_string' | 'rust_host_call',
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = findPackageJSON('@wapc/host', import.meta.url);
  if (folder === undefined) throw new Error('@wapc/host is not installed');
  return new Uint8Array(await readFile(new URL(`test/fixtures/${name}.wasm`, `file://${folder}`)));
}

/** MessagePack, which these modules speak. */
export function messagePack(): Promise<typeof import('@msgpack/msgpack')> {
  return import('@msgpack/msgpack');
}

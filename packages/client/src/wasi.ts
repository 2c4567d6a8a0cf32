// The XTP client's `useWasi` and `allowedPaths`: what plugins are granted of WASI.
import { PlugbayError, type WasiGrants } from '@plugbay/core';

const READ_ONLY = 'ro:';

/**
 * The grants; undefined for plugins without WASI. `allowedPaths` maps what a plugin calls a folder to where it is on the host.
 * @throws PlugbayError `invalid` for a folder without a place or a name.
 */
export function wasiGrants(
  useWasi: boolean,
  allowedPaths: Readonly<Record<string, string>>,
): WasiGrants | undefined {
  const directories = Object.entries(allowedPaths).map(([guest, place]) => directory(guest, place));
  return useWasi ? { directories } : undefined;
}

type Directory = NonNullable<WasiGrants['directories']>[number];

function directory(guest: string, place: unknown): Directory {
  const text = typeof place === 'string' ? place : '';
  const readOnly = text.startsWith(READ_ONLY);
  const host = readOnly ? text.slice(READ_ONLY.length) : text;
  if (guest !== '' && host !== '') return { guest, host, readOnly };
  throw new PlugbayError('invalid', `allowedPaths: ${JSON.stringify(guest)} is no folder`, {
    hint: 'Map what the plugin calls a folder to where it is: { "/data": "/srv/data" }, or "ro:/srv/data" to read only.',
  });
}

// The values of `plugbay run`'s options, from text.
import type { WasiGrants } from '@plugbay/core';
import { InvalidArgumentError } from 'commander';

type Directory = NonNullable<WasiGrants['directories']>[number];

/** Where a plugin can run. */
export type EngineName = 'worker' | 'inline';

/** Every {@link EngineName}. */
export const ENGINES: readonly EngineName[] = ['worker', 'inline'];

// A day: more than anybody waits for a call at a prompt.
const HIGHEST_TIMEOUT_MS = 86_400_000;

const READ_ONLY = ':ro';

/** Adds `key=value` to `config`. @throws InvalidArgumentError for another form. */
export function collectConfig(
  text: string,
  config: Readonly<Record<string, string>>,
): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Configuration has the form key=value.');
  return { ...config, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Adds `host:guest` or `host:guest:ro` to `directories`. @throws InvalidArgumentError for another form. */
export function collectDirectory(text: string, directories: readonly Directory[]): Directory[] {
  const readOnly = text.endsWith(READ_ONLY);
  const pair = readOnly ? text.slice(0, -READ_ONLY.length) : text;
  // The last one, because a path of the host may have colons, and names for a plugin need none.
  const colon = pair.lastIndexOf(':');
  const [host, guest] = [pair.slice(0, colon), pair.slice(colon + 1)];
  if (colon < 1 || guest === '')
    throw new InvalidArgumentError('A folder has the form host:guest or host:guest:ro.');
  return [...directories, { host, guest, readOnly }];
}

/** Adds one more text. */
export function collectText(text: string, texts: readonly string[]): string[] {
  return [...texts, text];
}

/** Milliseconds. @throws InvalidArgumentError for what is no whole number of them from 1 to a day. */
export function parseTimeout(text: string): number {
  const ms = Number(text);
  if (/^\d+$/.test(text) && ms > 0 && ms <= HIGHEST_TIMEOUT_MS) return ms;
  throw new InvalidArgumentError(`A time is a whole number of milliseconds from 1 to ${HIGHEST_TIMEOUT_MS}.`);
}

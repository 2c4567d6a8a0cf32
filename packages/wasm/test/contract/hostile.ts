// How tests open hostile plugins: with what each may ask for, and limits that are small, so that many rounds take no time.
import type { HostDoor, Limits, OpenOptions } from '@plugbay/core';
import type { HostileEnd, HostilePlugin } from '@plugbay/testing';
import { doorTo, env } from '../open.ts';

/** Limits of all of them. */
export const HOSTILE_LIMITS: Partial<Limits> = { memoryPages: 64, fuel: 1_000_000, hostCalls: 1_000 };

/** The codes of what ends by itself. */
export const HOSTILE_CODES: Readonly<Record<Exclude<HostileEnd, 'never'>, string>> = {
  limit: 'limit',
  trap: 'trap',
  plugin: 'plugin',
};

const ANSWERS = {
  'app.wait': async () => ({ bytes: new Uint8Array(0) }),
  'apiqube.http_request': async () => ({ bytes: Buffer.from('{}') }),
  'apiqube.emit_event': async () => ({ bytes: new Uint8Array(0) }),
} as const;

/** What a hostile plugin is opened with, when its host answers it later. */
export function hostileOptions({ abi, wasi }: HostilePlugin): Partial<OpenOptions> {
  return {
    limits: HOSTILE_LIMITS,
    door: answeringLater(),
    ...(wasi ? { wasi: {} } : {}),
    ...(abi === 'extism' ? { functions: { app: { wait: async () => void (await null) } } } : {}),
  };
}

/** What it is opened with, when its host answers at once. */
export function hostileOptionsNow(plugin: HostilePlugin): Partial<OpenOptions> {
  const answers = Object.fromEntries(
    Object.keys(ANSWERS).map((name) => [name, () => ({ bytes: Buffer.from('{}') })]),
  );
  return { ...hostileOptions(plugin), door: doorTo(answers), functions: {} };
}

function answeringLater(): HostDoor {
  return Object.assign(doorTo(ANSWERS, Object.keys(ANSWERS)), { asynchronous: true });
}

/** Answers with how often it was called, modulo 256: what an instance remembers. */
export const COUNTER = `(module ${env('output_set', 'alloc', 'store_u8')}
  (global $calls (mut i32) (i32.const 0))
  (func (export "count") (local $block i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (global.get $calls))
    (call $output_set (local.get $block) (i64.const 1))))`;

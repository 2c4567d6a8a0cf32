import { contentAddress, type HostDoor } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { createInlineRuntime, EXTISM_ENV } from '@plugbay/wasm';
import { expect, it } from 'vitest';
import { STANDARD_IMPORTS, WASI_NAMESPACE } from './imports.ts';

const unreachable = () => {
  throw new Error('no plugin asks anything of its host here');
};
const door: HostDoor = {
  mode: () => undefined,
  callSync: unreachable,
  call: unreachable,
  authorise: unreachable,
};

/** Whether the engine provides a function of the Extism ABI; of which type is not the question. */
async function isProvided(name: string): Promise<boolean> {
  const bytes = await wat(`(module (import "${EXTISM_ENV}" "${name}" (func)) (func (export "run")))`);
  const opened = createInlineRuntime().open(
    { name, digest: contentAddress(bytes), bytes },
    { tenant: 't', door },
  );
  return await opened.then(
    () => true,
    (error: Error) => !error.message.includes('imports what nobody provides'),
  );
}

it('lists the functions of the Extism ABI that the engine provides', async () => {
  const names = [...(STANDARD_IMPORTS.get(EXTISM_ENV) ?? [])];
  expect(names).toHaveLength(27);
  expect(await Promise.all(names.map(isProvided))).toEqual(names.map(() => true));
  expect(await isProvided('teleport')).toBe(false);
});

it('lists WASI preview 1', () => {
  expect(STANDARD_IMPORTS.get(WASI_NAMESPACE)?.size).toBe(46);
});

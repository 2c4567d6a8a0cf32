import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { inspectModule } from './inspect.ts';
import { validateModule } from './validate.ts';

describe('validating a module', () => {
  it('describes one that can be compiled, whatever it imports and however large its memory is', async () => {
    const bytes = await wat('(module (import "a" "b" (func)) (memory 30000) (func (export "run")))');
    expect(await validateModule(bytes)).toEqual(inspectModule(bytes));
  });

  it.each([
    ['what V8 refuses', '(module (func (result i32)))', 'invalid'],
    ['what the guard refuses', '(module (memory i64 1))', 'unsupported'],
    ['what is too much', '(module (table 100001 funcref))', 'limit'],
    ['what follows no known ABI', '(module (func (export "main") (param i32)))', 'unsupported'],
    ['a memory that starts larger than any can be', '(module (memory 65536) (memory 1))', 'limit'],
  ])('refuses %s', async (_, source, code) => {
    await expect(validateModule(await wat(source))).rejects.toMatchObject({ code });
  });

  it('refuses what is no module', async () => {
    await expect(validateModule(new Uint8Array(8))).rejects.toMatchObject({ code: 'invalid' });
  });
});

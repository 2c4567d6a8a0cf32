import { describe, expect, it } from 'vitest';
import { env, failureOf, openWat } from '../../../test/open.ts';

// `order` answers with what ran before it: each initialiser appends its letter.
const guest = (functions: string): string => `(module
  ${env('alloc', 'store_u64', 'output_set')}
  (global $order (mut i64) (i64.const 0))
  (func $ran (param $letter i64)
    (global.set $order (i64.or (i64.shl (global.get $order) (i64.const 8)) (local.get $letter))))
  (func (export "order")
    (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (global.get $order))
    (call $output_set (local.get $block) (i64.const 8)))
  ${functions})`;
const letter = (name: string): string => `(call $ran (i64.const ${name.charCodeAt(0)}))`;
const reactor = `(func (export "_initialize") ${letter('r')})`;
const constructors = `(func (export "__wasm_call_ctors") ${letter('c')})`;

async function order(functions: string): Promise<string> {
  const plugin = await openWat(guest(functions));
  const bytes = Buffer.from(plugin.callSync('order').bytes);
  return bytes.reverse().toString().replaceAll('\0', '');
}

describe('a guest is initialised', () => {
  it.each([
    ['by nothing', '', ''],
    ['by _initialize', reactor, 'r'],
    ['by __wasm_call_ctors, and then not by _initialize', constructors + reactor, 'c'],
    [
      'by hs_init, after _initialize',
      `(func (export "hs_init") (param i32 i32) ${letter('h')})${reactor}${constructors}`,
      'rh',
    ],
    ['by hs_init alone', `(func (export "hs_init") (param i32 i32) ${letter('h')})`, 'h'],
    [
      'not by a __wasm_call_ctors that wants arguments, nor by _initialize then',
      `(func (export "__wasm_call_ctors") (param i32) ${letter('c')})${reactor}`,
      '',
    ],
    [
      'not by an _initialize that wants arguments',
      `(func (export "_initialize") (param i32) ${letter('r')})`,
      '',
    ],
    ['never by _start', `(func (export "_start") ${letter('s')})`, ''],
    ['after its start function', `(func $start ${letter('!')}) (start $start) ${reactor}`, '!r'],
  ])('%s', async (_, functions, expected) => {
    expect(await order(functions)).toBe(expected);
  });

  it('and a trap on the way fails opening it', async () => {
    const error = await failureOf(() => openWat('(module (func (export "_initialize") unreachable))'));
    expect(error).toMatchObject({
      code: 'trap',
      message: 'the module trapped: unreachable',
      phase: 'open',
      plugin: 'sample',
      tenant: 'acme',
      stateLost: false,
    });
  });

  it('and a start function that overflows the stack fails it too', async () => {
    const error = await failureOf(() =>
      openWat('(module (func $f (call $f)) (start $f) (func (export "run")))'),
    );
    expect([error.code, error.message, error.phase]).toEqual([
      'trap',
      'the module ran out of stack: Maximum call stack size exceeded',
      'open',
    ]);
  });

  it('with its host functions, configuration and blocks at hand', async () => {
    const seen: string[] = [];
    const source = `(module ${env('alloc', 'store_u8')}
      (import "app" "note" (func $note (param i64)))
      (func (export "_initialize")
        (local $block i64)
        (local.set $block (call $alloc (i64.const 1)))
        (call $store_u8 (local.get $block) (i32.const 65))
        (call $note (local.get $block)))
      (func (export "run")))`;
    await openWat(source, {
      functions: { app: { note: (ctx, block) => void seen.push(ctx.text(block as bigint)!) } },
    });
    expect(seen).toEqual(['A']);
  });
});

describe('an hs_init of another type', () => {
  it.each(['i64 i64', 'v128 v128'])('(%s) is invalid', async (types) => {
    const error = await failureOf(() =>
      openWat(`(module (func (export "hs_init") (param ${types})) (func (export "run")))`),
    );
    expect([error.code, error.message.split(':')[0], error.phase]).toEqual([
      'invalid',
      "the module's hs_init does not take two i32",
      'open',
    ]);
  });
});

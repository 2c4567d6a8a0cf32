import { describe, expect, it } from 'vitest';
import { doorTo, failureOf, openWat } from '../../../test/open.ts';

const RUN = '(func (export "run"))';

async function refusal(
  imports: string,
  options = {},
): Promise<[string, string, string | undefined, unknown]> {
  const error = await failureOf(() => openWat(`(module ${imports} ${RUN})`, options));
  return [error.code, error.message, error.hint, error.phase];
}

describe('imports that nobody provides', () => {
  it('are all named, with their types, and how they can be provided', async () => {
    expect(
      await refusal(`(import "extism:host/user" "kv_get" (func (param i64) (result i64)))
        (import "app" "log" (func (param i32 f64)))`),
    ).toEqual([
      'invalid',
      'the module imports what nobody provides: extism:host/user kv_get: (i64) -> i64; app log: (i32, f64) -> ()',
      'Provide them as host functions (option "functions"), or register callbacks for those of type (i64) -> i64.',
      'open',
    ]);
  });

  it('are named where the ABI should have them', async () => {
    expect(await refusal('(import "extism:host/env" "teleport" (func (param i64) (result i64)))')).toEqual([
      'invalid',
      'the module imports what nobody provides: extism:host/env teleport: (i64) -> i64',
      'The ABI has no such functions; build the plugin with a current Extism PDK.',
      'open',
    ]);
  });

  it('are named when they are no functions', async () => {
    expect(
      await refusal('(import "env" "stack" (global (mut i32))) (import "env" "table" (table 1 funcref))'),
    ).toEqual([
      'invalid',
      'the module imports what nobody provides: env stack: global; env table: table',
      'Only functions can be provided; build the plugin without the rest.',
      'open',
    ]);
  });

  it.each(['begin', 'take', 'length_of', 'memory', 'reset', 'input_set', 'constructor', '__proto__'])(
    "include the kernel's own %s",
    async (name) => {
      const [code, message] = await refusal(`(import "extism:host/env" "${name}" (func))`);
      expect([code, message]).toEqual([
        'invalid',
        `the module imports what nobody provides: extism:host/env ${name}: () -> ()`,
      ]);
    },
  );

  it('are not found in the prototypes of what an app provides', async () => {
    for (const [module, name] of [
      ['constructor', 'keys'],
      ['__proto__', 'toString'],
      ['app', 'hasOwnProperty'],
    ]) {
      const [code] = await refusal(`(import "${module}" "${name}" (func))`, { functions: { app: {} } });
      expect(code).toBe('invalid');
    }
  });
});

describe('imports that cannot be provided yet', () => {
  it('are those of WASI, by name', async () => {
    expect(
      await refusal(`(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))`),
    ).toEqual([
      'unsupported',
      'the module imports WASI, which is not granted: fd_write, proc_exit',
      'Open the plugin with "wasi" ({} grants time, random numbers and a log), or build it without WASI.',
      'open',
    ]);
  });

  it('are memories', async () => {
    expect((await refusal('(import "env" "memory" (memory 1))')).slice(0, 2)).toEqual([
      'invalid',
      'the module imports what nobody provides: env memory: memory',
    ]);
  });

  it.each([
    ['(func (param v128))', '(v128) -> ()'],
    ['(func (param externref))', '(externref) -> ()'],
    ['(func (result i32 i32))', '() -> (i32, i32)'],
  ])('are host functions of type %s', async (type, signature) => {
    const functions = { app: { odd: () => 0 } };
    expect((await refusal(`(import "app" "odd" ${type})`, { functions })).slice(0, 2)).toEqual([
      'unsupported',
      `host function app/odd cannot have the type ${signature}`,
    ]);
  });
});

describe('an import', () => {
  it("that both the app and the door know is the app's", async () => {
    const door = doorTo({ 'kv.get': () => ({ bytes: Buffer.from('door') }) });
    const functions = { kv: { get: () => 0n } };
    const source = `(module (import "kv" "get" (func $get (param i64) (result i64)))
      (func (export "run") (drop (call $get (i64.const 0)))))`;
    const plugin = await openWat(source, { door, functions });
    plugin.callSync('run');
    expect([door.authorised, door.calls]).toEqual([['kv.get'], []]);
  });

  it('of the ABI cannot be replaced, but the app can add to them', async () => {
    const source = `(module
      (import "extism:host/env" "input_length" (func $length (result i64)))
      (import "extism:host/env" "extra" (func $extra (param i64)))
      (func (export "run") (call $extra (call $length))))`;
    const seen: unknown[] = [];
    const functions = {
      'extism:host/env': {
        input_length: () => 99n,
        extra: (_: unknown, length: unknown) => void seen.push(length),
      },
    };
    const plugin = await openWat(source, { functions });
    plugin.callSync('run', 'four');
    expect(seen).toEqual([4n]);
  });

  it('of the ABI with another type is refused', async () => {
    const [code, message] = await refusal(
      '(import "extism:host/env" "alloc" (func (param i32) (result i32)))',
    );
    expect(code).toBe('invalid');
    expect(message).toBe(
      'the module imports extism:host/env alloc as a function (i32) -> i32; it is a function (i64) -> i64',
    );
  });

  it('of type (i64) -> i64 is a host call in any namespace, odd names included', async () => {
    const door = doorTo({ '__proto__.toString': ({ payload }) => ({ bytes: payload }) });
    const source = `(module (import "__proto__" "toString" (func $call (param i64) (result i64)))
      (func (export "run") (drop (call $call (i64.const 0)))))`;
    const plugin = await openWat(source, { door });
    plugin.callSync('run');
    expect(door.calls).toMatchObject([{ namespace: '__proto__', operation: 'toString' }]);
  });
});

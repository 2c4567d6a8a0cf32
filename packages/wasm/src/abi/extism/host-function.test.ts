import { type HostFunction, type HostFunctionContext, PlugbayError } from '@plugbay/core';
import { describe, expect, it, vi } from 'vitest';
import { doorTo, env, failureOf, openWat } from '../../../test/open.ts';

// `run` hands its input to app.call and answers with the block it gets.
const CALLING = `(module
  ${env('input_offset', 'length', 'output_set')}
  (import "app" "call" (func $call (param i64) (result i64)))
  (func (export "run")
    (local $block i64)
    (local.set $block (call $call (call $input_offset)))
    (call $output_set (local.get $block) (call $length (local.get $block)))))`;
const open = (call: HostFunction, options = {}) =>
  openWat(CALLING, { functions: { app: { call } }, ...options });

describe('a host function', () => {
  it('gets numbers and bigints, and gives one back', async () => {
    const source = `(module
      (import "app" "mix" (func $mix (param i32 i64 f32 f64) (result f64)))
      (import "app" "zero" (func $zero (result i32)))
      (import "app" "none" (func $none (param i32)))
      (func (export "run") (result i32)
        (call $none (i32.const -1))
        (i32.add (call $zero) (i32.trunc_f64_s (call $mix (i32.const -2) (i64.const -3) (f32.const 0.5) (f64.const 0.25))))))`;
    const mix = vi.fn(() => 7);
    const none = vi.fn();
    const plugin = await openWat(source, { functions: { app: { mix, none, zero: () => 5 } } });
    expect((await failureOf(() => plugin.callSync('run'))).message).toBe('Returned non-zero exit code: 12');
    expect(mix).toHaveBeenCalledExactlyOnceWith(expect.anything(), -2, -3n, 0.5, 0.25);
    expect(none).toHaveBeenCalledExactlyOnceWith(expect.anything(), -1);
  });

  it('sees the call: its context by reference, its invocation, its blocks and variables', async () => {
    const context = { request: 1 };
    const invocation = { id: 'call-1', depth: 3 };
    const seen: unknown[] = [];
    const plugin = await open((ctx, block) => {
      const handle = block as bigint;
      seen.push(ctx.context, ctx.invocation, ctx.text(handle), ctx.length(handle), ctx.read(handle)?.length);
      seen.push(ctx.read(0n), ctx.text(81n), ctx.length(handle + 1n));
      ctx.setVariable('a', 'grüße');
      ctx.setVariable('b', Uint8Array.of(1, 2));
      ctx.deleteVariable('b');
      seen.push(Buffer.from(ctx.getVariable('a')!).toString(), ctx.getVariable('b'), ctx.store(''));
      const zeroed = ctx.alloc(4);
      seen.push([...ctx.read(zeroed)!]);
      return ctx.store('answer');
    });
    expect(plugin.callSync('run', 'input', { context, invocation }).text()).toBe('answer');
    expect(seen[0]).toBe(context);
    expect(seen[1]).toBe(invocation);
    expect(seen.slice(2)).toEqual([
      'input',
      5,
      5,
      undefined,
      undefined,
      0,
      'grüße',
      undefined,
      0n,
      [0, 0, 0, 0],
    ]);
  });

  it('gets a root invocation of its own for a call that has none', async () => {
    const ids: string[] = [];
    const plugin = await open((ctx, block) => {
      expect(ctx.invocation).toBe(ctx.invocation);
      expect(ctx.invocation).toEqual({ id: expect.stringMatching(/^[0-9a-v]{20}$/), depth: 0 });
      ids.push(ctx.invocation.id);
      return block;
    });
    plugin.callSync('run');
    plugin.callSync('run');
    expect(new Set(ids).size).toBe(2);
  });

  it('has a copy of a variable, and of a block', async () => {
    const plugin = await open((ctx, block) => {
      ctx.setVariable('a', 'xyz');
      ctx.getVariable('a')!.fill(0);
      ctx.read(block as bigint)!.fill(0);
      expect(Buffer.from(ctx.getVariable('a')!).toString()).toBe('xyz');
      return block;
    });
    expect(plugin.callSync('run', 'input').text()).toBe('input');
  });

  it('can use its context only until the call ends', async () => {
    let kept: HostFunctionContext | undefined;
    const plugin = await open((ctx, block) => {
      kept = ctx;
      return block;
    });
    plugin.callSync('run', 'x');
    for (const use of [
      () => kept!.read(80n),
      () => kept!.text(80n),
      () => kept!.length(80n),
      () => kept!.alloc(1),
      () => kept!.store('x'),
      () => kept!.setError('x'),
      () => kept!.getVariable('x'),
      () => kept!.setVariable('x', 'y'),
      () => kept!.deleteVariable('x'),
    ]) {
      const error = await failureOf(use);
      expect([error.code, error.message]).toEqual([
        'unavailable',
        'the call that this context belongs to has ended',
      ]);
    }
  });

  it('fails the call with setError, unless it takes it back', async () => {
    const plugin = await open((ctx, block) => {
      ctx.setError('first');
      ctx.setError(ctx.text(block as bigint) === 'clear' ? undefined : 'not today');
      return block;
    });
    const error = await failureOf(() => plugin.callSync('run', 'x'));
    expect([error.code, error.message, error.stateLost]).toEqual(['plugin', 'not today', false]);
    expect(plugin.callSync('run', 'clear').text()).toBe('clear');
  });

  it('is refused what does not fit, and can go on without it', async () => {
    const codes: string[] = [];
    const plugin = await open(
      (ctx, block) => {
        for (const use of [
          () => ctx.alloc(2_000),
          () => ctx.store('x'.repeat(2_000)),
          () => ctx.setVariable('a', 'x'.repeat(2_000)),
          () => ctx.alloc(-1),
          () => ctx.alloc(1.5),
        ]) {
          try {
            use();
          } catch (error) {
            codes.push((error as PlugbayError).code);
          }
        }
        return block;
      },
      { limits: { exchangeBytes: 1_000, variableBytes: 1_000 } },
    );
    expect(plugin.callSync('run', 'fine').text()).toBe('fine');
    expect(codes).toEqual(['limit', 'limit', 'limit', 'invalid', 'invalid']);
  });

  it('has to be authorised, once for each import of the module', async () => {
    const door = doorTo({});
    await open((_, block) => block, { door });
    expect(door.authorised).toEqual(['app.call']);
    const denied = new PlugbayError('denied', 'app.call is not granted to this plugin');
    const refusing = {
      ...door,
      authorise: () => {
        throw denied;
      },
    };
    const error = await failureOf(() => open((_, block) => block, { door: refusing }));
    expect([error.code, error.message, error.phase]).toEqual([
      'denied',
      'app.call is not granted to this plugin',
      'open',
    ]);
  });

  it('is not asked for when the module does not import it', async () => {
    const door = doorTo({});
    await openWat('(module (func (export "run")))', { door, functions: { app: { call: () => 0n } } });
    expect(door.authorised).toEqual([]);
  });

  it('counts against the limit of host calls, which starts anew with each call', async () => {
    const source = `(module (import "app" "tick" (func $tick))
      (func (export "run") (call $tick) (call $tick) (call $tick))
      (func (export "twice") (call $tick) (call $tick)))`;
    const tick = vi.fn();
    const plugin = await openWat(source, { functions: { app: { tick } }, limits: { hostCalls: 2 } });
    plugin.callSync('twice');
    plugin.callSync('twice');
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message, error.stateLost]).toEqual([
      'limit',
      'the call made more than 2 host calls',
      true,
    ]);
    expect(tick).toHaveBeenCalledTimes(6);
  });
});

describe('a host function that fails', () => {
  it('fails the call with its own error as cause', async () => {
    const thrown = new TypeError('no such user');
    const plugin = await open(() => {
      throw thrown;
    });
    const error = await failureOf(() => plugin.callSync('run'));
    expect(error).toMatchObject({
      code: 'internal',
      message: 'host function app/call: no such user',
      phase: 'call',
      plugin: 'sample',
      tenant: 'acme',
      stateLost: true,
    });
    expect(error.cause).toBe(thrown);
  });

  it('fails it with a PlugbayError as it is', async () => {
    const thrown = new PlugbayError('denied', 'not you', { hint: 'Ask.' });
    const plugin = await open(() => {
      throw thrown;
    });
    expect(await failureOf(() => plugin.callSync('run'))).toMatchObject({
      code: 'denied',
      message: 'not you',
      hint: 'Ask.',
      plugin: 'sample',
      tenant: 'acme',
      stateLost: true,
    });
  });

  it('fails it with the error of another plugin as its cause', async () => {
    const inner = new PlugbayError('trap', 'crashed', { plugin: 'inner' });
    const plugin = await open(() => {
      throw inner;
    });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message, error.plugin, error.cause]).toEqual([
      'trap',
      'crashed',
      'sample',
      inner,
    ]);
  });

  it('fails it with what is no error at all', async () => {
    const plugin = await open(() => {
      throw 'nothing';
    });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message]).toEqual(['internal', 'host function app/call: nothing']);
  });

  it.each([
    ['undefined', undefined, 'host function app/call returned undefined; its result is an i64, a bigint'],
    ['a number', 5, 'host function app/call returned number; its result is an i64, a bigint'],
  ])('by returning %s for an i64 says so', async (_, value, message) => {
    const plugin = await open(() => value as never);
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message]).toEqual(['internal', message]);
  });

  it('by returning a bigint for an i32 says so', async () => {
    const source =
      '(module (import "app" "call" (func $call (result i32))) (func (export "run") (drop (call $call))))';
    const plugin = await openWat(source, { functions: { app: { call: () => 1n } } });
    expect((await failureOf(() => plugin.callSync('run'))).message).toBe(
      'host function app/call returned bigint; its result is an i32, a number',
    );
  });

  it.each([
    ['(result i64)', '(drop (call $call))'],
    ['', '(call $call)'],
  ])('by returning a promise is not waited for, with %s', async (result, body) => {
    const source = `(module (import "app" "call" (func $call ${result})) (func (export "run") ${body}))`;
    const call = (() => Promise.reject(new Error('later'))) as unknown as HostFunction;
    const plugin = await openWat(source, { functions: { app: { call } } });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message, error.hint]).toEqual([
      'unsupported',
      'host function app/call returned a promise',
      'Make it an async function, or declare it with asynchronous() of @plugbay/core.',
    ]);
  });
});

describe('a guest that catches what its host throws', () => {
  // Catches everything that app.call throws, counts the calls it goes on to make, and answers as if nothing happened.
  const CATCHING = `(module
    ${env('alloc', 'output_set', 'error_set', 'store_u8')}
    (import "app" "call" (func $call (param i64) (result i64)))
    (import "app" "after" (func $after))
    (func (export "run")
      (block $caught (try_table (catch_all $caught) (drop (call $call (i64.const 0)))))
      (block $again (try_table (catch_all $again) (call $after)))
      (call $output_set (call $alloc (i64.const 1)) (i64.const 1)))
    (func (export "mask")
      (local $block i64)
      (local.set $block (call $alloc (i64.const 1)))
      (call $store_u8 (local.get $block) (i32.const 88))
      (block $caught (try_table (catch_all $caught) (drop (call $call (i64.const 0)))))
      (call $error_set (local.get $block))))`;

  it('cannot undo the failure, and makes no more host calls', async () => {
    const after = vi.fn();
    const plugin = await openWat(CATCHING, {
      functions: {
        app: {
          call: () => {
            throw new PlugbayError('denied', 'not you');
          },
          after,
        },
      },
    });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, error.message, error.stateLost]).toEqual(['denied', 'not you', true]);
    expect(after).not.toHaveBeenCalled();
  });

  it('cannot put an error of its own in the place of a refusal', async () => {
    const refuse = () => {
      throw new PlugbayError('limit', 'quota used up');
    };
    const plugin = await openWat(CATCHING, { functions: { app: { call: refuse, after: () => undefined } } });
    expect((await failureOf(() => plugin.callSync('mask'))).message).toBe('quota used up');
  });

  it("can put one in the place of the app's own error, which stays as its cause", async () => {
    const fail = () => {
      throw new Error('bug');
    };
    const plugin = await openWat(CATCHING, { functions: { app: { call: fail, after: () => undefined } } });
    const error = await failureOf(() => plugin.callSync('mask'));
    expect([error.code, error.message, (error.cause as Error).message]).toEqual([
      'plugin',
      'X',
      'host function app/call: bug',
    ]);
  });

  it('can catch a refusal of the limit of host calls, but not go on', async () => {
    const after = vi.fn();
    const call = vi.fn(() => 0n);
    const plugin = await openWat(CATCHING, { functions: { app: { call, after } }, limits: { hostCalls: 1 } });
    const error = await failureOf(() => plugin.callSync('run'));
    expect([error.code, call.mock.calls.length, after.mock.calls.length]).toEqual(['limit', 1, 0]);
  });
});

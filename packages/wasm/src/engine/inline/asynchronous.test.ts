// What the inline engine says of plugins whose imports answer later; what it does is in the contract of all engines.
import { describe, expect, it } from 'vitest';
import { env, failureOf, openWat } from '../../../test/open.ts';

const ASKING = `(module ${env('input_offset', 'length', 'output_set')}
  (import "app" "ask" (func $ask (param i64) (result i64)))
  (func (export "run") (local $answer i64)
    (local.set $answer (call $ask (call $input_offset)))
    (call $output_set (local.get $answer) (call $length (local.get $answer)))))`;

describe('an asynchronous host function', () => {
  it('makes the plugin one that cannot be called at once', async () => {
    const plugin = await openWat(ASKING, {
      functions: { app: { ask: async (context, at) => context.store(`${context.text(at as bigint)}!`) } },
    });
    const error = await failureOf(() => plugin.callSync('run', 'x'));
    expect([error.code, error.message, error.hint]).toEqual([
      'unsupported',
      'the plugin imports what is answered asynchronously: app.ask',
      'Use call instead of callSync.',
    ]);
    expect((await plugin.call('run', 'x')).text()).toBe('x!');
  });
});

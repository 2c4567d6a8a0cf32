import { describe, expect, it } from 'vitest';
import { env, failureOf, keepingLogger, openWat } from '../../../test/open.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

// Each level logs the input; `level` answers with what get_log_level says, `bad` logs what is no block.
const LOGGING = `(module
  ${env('alloc', 'store_u64', 'input_offset', 'output_set', 'get_log_level', 'log_trace', 'log_debug', 'log_info', 'log_warn', 'log_error')}
  ${LEVELS.map((level) => `(func (export "${level}") (call $log_${level} (call $input_offset)))`).join('\n')}
  (func (export "level")
    (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (i64.extend_i32_u (call $get_log_level)))
    (call $output_set (local.get $block) (i64.const 8)))
  (func (export "bad") (call $log_warn (i64.const 81)))
  (func (export "three") (call $log_info (call $input_offset)) (call $log_info (call $input_offset)) (call $log_debug (call $input_offset)) (call $log_info (call $input_offset))))`;

describe('the log', () => {
  it('goes to the logger at its level, with plugin and tenant', async () => {
    const logger = keepingLogger();
    const plugin = await openWat(LOGGING, { logger });
    for (const level of LEVELS) plugin.callSync(level, `${level} grüße`);
    plugin.callSync('info', '');
    const facts = { plugin: 'sample', tenant: 'acme' };
    expect(logger.lines).toEqual([
      ...LEVELS.map((level) => ({ level, facts, text: `${level} grüße` })),
      { level: 'info', facts, text: '' },
    ]);
  });

  it.each([
    [undefined, 0, 5],
    ['trace', 0, 5],
    ['debug', 1, 4],
    ['info', 2, 3],
    ['warn', 3, 2],
    ['error', 4, 1],
    ['fatal', 0x7fffffff, 0],
    ['silent', 0x7fffffff, 0],
    ['our own', 0, 5],
  ])('of level %s tells the guest %i and takes %i of five lines', async (level, told, taken) => {
    const logger = keepingLogger(level);
    const plugin = await openWat(LOGGING, { logger });
    for (const each of LEVELS) plugin.callSync(each, 'x');
    expect(logger.lines).toHaveLength(taken);
    expect(Buffer.from(plugin.callSync('level').bytes).readBigUInt64LE()).toBe(BigInt(told));
  });

  it('is off when there is no logger', async () => {
    const plugin = await openWat(LOGGING);
    expect(Buffer.from(plugin.callSync('level').bytes).readUInt32LE()).toBe(0x7fffffff);
    plugin.callSync('bad');
  });

  it('cuts a line that is too long', async () => {
    const logger = keepingLogger();
    const plugin = await openWat(LOGGING, { logger, limits: { logLineBytes: 4 } });
    plugin.callSync('info', 'abcdef');
    plugin.callSync('info', 'abcü');
    expect(logger.lines.map(({ text }) => text)).toEqual(['abcd', 'abc\ufffd']);
  });

  it('drops lines beyond the limit of a call, counts them, and says so once', async () => {
    const logger = keepingLogger('info');
    const plugin = await openWat(LOGGING, { logger, limits: { logLines: 1 } });
    plugin.callSync('three', 'x');
    expect(logger.lines).toEqual([
      { level: 'info', facts: { plugin: 'sample', tenant: 'acme' }, text: 'x' },
      {
        level: 'warn',
        facts: { plugin: 'sample', tenant: 'acme', dropped: 2 },
        text: '2 log lines dropped: the call may write 1',
      },
    ]);
    plugin.callSync('info', 'next call');
    expect(logger.lines).toHaveLength(3);
  });

  it('keeps the outcome of a call when it cannot say how many it dropped', async () => {
    const warn = () => {
      throw new Error('disk full');
    };
    const logger = { ...keepingLogger(), warn };
    const plugin = await openWat(LOGGING, { logger, limits: { logLines: 1 } });
    expect(plugin.callSync('three', 'x').bytes).toHaveLength(0);
  });

  it('does not take what is no block', async () => {
    const plugin = await openWat(LOGGING, { logger: keepingLogger() });
    const error = await failureOf(() => plugin.callSync('bad'));
    expect([error.code, error.message]).toEqual([
      'trap',
      'log_warn: 81 is not a block of the exchange memory',
    ]);
  });

  it('whose logger throws fails the call', async () => {
    const logger = {
      ...keepingLogger(),
      info: () => {
        throw new Error('disk full');
      },
    };
    const plugin = await openWat(LOGGING, { logger });
    const error = await failureOf(() => plugin.callSync('info', 'x'));
    expect([error.code, error.message]).toEqual(['internal', 'the logger failed: disk full']);
  });
});

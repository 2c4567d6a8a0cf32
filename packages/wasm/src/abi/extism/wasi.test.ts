import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { env, failureOf, keepingLogger, openWat, PUT } from '../../../test/open.ts';

const WASI = {
  fd_write: '(param i32 i32 i32 i32) (result i32)',
  proc_exit: '(param i32)',
  clock_time_get: '(param i32 i64 i32) (result i32)',
  poll_oneoff: '(param i32 i32 i32 i32) (result i32)',
  random_get: '(param i32 i32) (result i32)',
};

function wasi(...names: (keyof typeof WASI)[]): string {
  return names
    .map((name) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${WASI[name]}))`)
    .join('\n');
}

// `write` writes the 12 bytes "one\ntwo\nthre" to stdout, `warn` to stderr.
const WRITING = `(module ${wasi('fd_write')}
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\0c\\00\\00\\00")
  (data (i32.const 16) "one\\ntwo\\nthre")
  (func (export "write") (result i32) (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func (export "warn") (result i32) (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))))`;

describe('what a plugin writes to its streams', () => {
  it('is logged by line, with the plugin and the tenant', async () => {
    const logger = keepingLogger();
    const plugin = await openWat(WRITING, { wasi: {}, logger });
    plugin.callSync('write');
    plugin.callSync('warn');
    expect(logger.lines.map(({ level, text }) => `${level} ${text}`)).toEqual([
      'info one',
      'info two',
      'info thre',
      'warn one',
      'warn two',
      'warn thre',
    ]);
    expect(logger.lines[0]?.facts).toEqual({ plugin: 'sample', tenant: 'acme' });
  });

  it('counts against the log lines of the call', async () => {
    const logger = keepingLogger();
    const plugin = await openWat(WRITING, { wasi: {}, logger, limits: { logLines: 1 } });
    plugin.callSync('write');
    expect(logger.lines.map(({ text }) => text)).toEqual([
      'one',
      '2 log lines dropped: the call may write 1',
    ]);
  });
});

describe('a plugin that exits', () => {
  const EXITING = `(module ${env('alloc', 'store_u8', 'output_set', 'error_set')} ${wasi('proc_exit')}
    (memory (export "memory") 1) (data (i32.const 0) "done")
    ${PUT}
    (global $left (mut i32) (i32.const 0))
    (func (export "well") (call $output_set (call $put (i32.const 0) (i32.const 4)) (i64.const 4))
      (call $proc_exit (i32.const 0)))
    (func (export "badly") (call $proc_exit (i32.const 7)))
    (func (export "sadly") (call $error_set (call $put (i32.const 0) (i32.const 4))) (call $proc_exit (i32.const 0)))
    (func (export "caught") (try (do (call $proc_exit (i32.const 3))) (catch_all)))
    (func (export "fresh") (result i32)
      (global.set $left (i32.add (global.get $left) (i32.const 1)))
      (i32.sub (global.get $left) (i32.const 1))))`;

  it('with 0 has answered, and its instance is gone', async () => {
    const plugin = await openWat(EXITING, { wasi: {} });
    plugin.callSync('fresh');
    const output = plugin.callSync('well');
    expect([output.text(), output.stateLost]).toEqual(['done', true]);
    expect(plugin.callSync('fresh').stateLost).toBe(false);
  });

  it.each([
    ['badly', 'Returned non-zero exit code: 7'],
    ['sadly', 'done'],
    ['caught', 'Returned non-zero exit code: 3'],
  ])('%s has failed', async (name, message) => {
    const plugin = await openWat(EXITING, { wasi: {} });
    expect(await failureOf(() => plugin.callSync(name))).toMatchObject({
      code: 'plugin',
      message,
      stateLost: true,
    });
    expect(plugin.callSync('fresh').bytes).toHaveLength(0);
  });

  it('while it is starting cannot be opened', async () => {
    const source = `(module ${wasi('proc_exit')} (memory (export "memory") 1) (func (export "run"))
      (func $start (call $proc_exit (i32.const 0))) (start $start))`;
    expect(await failureOf(() => openWat(source, { wasi: {} }))).toMatchObject({
      code: 'plugin',
      message: 'the module exited with code 0 while it was starting',
    });
  });
});

describe('time', () => {
  it('is the clock of the plugin', async () => {
    const clock = new FakeClock();
    const source = `(module ${env('alloc', 'store_u64', 'output_set')} ${wasi('clock_time_get')}
      (memory (export "memory") 1)
      (func (export "now") (local $block i64)
        (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 0)))
        (local.set $block (call $alloc (i64.const 8)))
        (call $store_u64 (local.get $block) (i64.load (i32.const 0)))
        (call $output_set (local.get $block) (i64.const 8))))`;
    const plugin = await openWat(source, { wasi: {}, clock });
    clock.advance(1_234);
    const { bytes } = plugin.callSync('now');
    expect(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)).toBe(
      BigInt(clock.now()) * 1_000_000n,
    );
  });

  it('that a plugin sleeps ends with the deadline of its call', async () => {
    // One relative subscription to the monotonic clock, of an hour.
    const source = `(module ${wasi('poll_oneoff')} (memory (export "memory") 1)
      (data (i32.const 16) "\\01\\00\\00\\00") (data (i32.const 24) "\\00\\a0\\b8\\30\\46\\03\\00\\00")
      (func (export "sleep") (result i32)
        (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))`;
    const plugin = await openWat(source, { wasi: {} });
    const invocation = { id: 'one', depth: 0, deadline: Date.now() + 20 };
    expect(await failureOf(() => plugin.callSync('sleep', '', { invocation }))).toMatchObject({
      code: 'timeout',
      message: 'the module sleeps longer than its call may take',
      stateLost: true,
    });
  });
});

describe('a metered plugin that sleeps', () => {
  // One relative subscription to the monotonic clock, of 2 ms.
  const SLEEPING = `(module ${wasi('poll_oneoff')} (memory (export "memory") 1)
    (data (i32.const 16) "\\01\\00\\00\\00") (data (i32.const 24) "\\80\\84\\1e\\00\\00\\00\\00\\00")
    (func $sleep (export "once") (result i32)
      (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
    (func (export "on") (loop $again (drop (call $sleep)) (br $again))))`;

  it('pays for its time as for work', async () => {
    const plugin = await openWat(SLEEPING, { wasi: {}, metered: true, limits: { fuel: 10_000_000 } });
    expect(plugin.callSync('once').fuel).toBeGreaterThanOrEqual(2_000_000);
    expect(await failureOf(() => plugin.callSync('on'))).toMatchObject({
      code: 'limit',
      message: 'plugin ran out of fuel: it had 10000000 units for one call',
    });
  });
});

describe('a module whose WASI is of another kind', () => {
  it.each([
    ['(func (param i64) (result i32))', 'fd_close'],
    ['(func)', 'fd_teleport'],
    ['(global i32)', 'fd_close'],
  ])('is refused: %s %s', async (type, name) => {
    const source = `(module (import "wasi_snapshot_preview1" "${name}" ${type}) (func (export "run")))`;
    expect(await failureOf(() => openWat(source, { wasi: {} }))).toMatchObject({ code: 'invalid' });
  });
});

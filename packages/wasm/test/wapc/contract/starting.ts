// How a module starts: what it must export and may import, and what runs before the first call.
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { keepingLogger } from '../../open.ts';
import { guestOf, guestText, wapc } from '../guests.ts';
import { door, type OpenWapc, refusalOf, reply, textOf } from './open.ts';

// Each start function writes its own name to the log, and the operation under which it runs.
const STARTS = `
  (global $at (mut i32) (i32.const 1024))
  (data (i32.const 0) "_start_initializewapc_init")
  (func $say (param $from i32) (param $length i32)
    (call $console_log (local.get $from) (local.get $length))
    (call $guest_request (i32.const 512) (i32.const 0))
    (call $console_log (i32.const 512) (local.get $length)))
  (func (export "wapc_init") (call $say (i32.const 17) (i32.const 9)))
  (func (export "_initialize") (call $say (i32.const 6) (i32.const 11)))
  (func (export "_start") (call $say (i32.const 0) (i32.const 6)))`;

const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const FD_WRITE =
  '(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))';

/** Declares the tests. */
export function startTests(open: OpenWapc): void {
  const refusalOfText = (source: string): Promise<[string, string]> =>
    refusalOf(async () => open(await wat(source)));

  describe('a module that starts', () => {
    it('runs _start, _initialize and wapc_init, in this order, each as an operation of that name', async () => {
      const logger = keepingLogger();
      await open(await guestOf('(i32.const 1)', STARTS, wapc('console_log', 'guest_request')), { logger });
      expect(logger.lines.map(({ text }) => text)).toEqual(
        ['_start', '_initialize', 'wapc_init'].flatMap((name) => [name, name]),
      );
    });

    it('needs none of them, and no import', async () => {
      expect((await (await open(await guestOf('(i32.const 1)'))).call('x')).bytes).toHaveLength(0);
    });

    it('may make host calls', async () => {
      const passed = door(({ payload }) => ({ bytes: payload }));
      const bytes = await guestOf(
        `(call $guest_response (i32.const 100) (i32.const 4)) (i32.const 1)`,
        `(data (i32.const 0) "bindingsamplehelloload")
        (func (export "wapc_init")
          (if (i32.ne (i32.const 1) (call $host_call
            (i32.const 0) (i32.const 7) (i32.const 7) (i32.const 6) (i32.const 13) (i32.const 5) (i32.const 18) (i32.const 4)))
            (then unreachable))
          (call $host_response (i32.const 100)))`,
        wapc('host_call', 'host_response', 'guest_response'),
      );
      const plugin = await open(bytes, { door: passed });
      expect(await textOf(plugin, 'x')).toBe('load');
      expect(passed.calls.map(({ link, operation }) => [link, operation])).toEqual([['binding', 'hello']]);
    });

    it('may exit with code 0 when its main function is done, and be called then', async () => {
      const logger = keepingLogger();
      const bytes = await guestOf(
        `(i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 5))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
        (call $guest_response (i32.const 100) (i32.const 1)) (i32.const 1)`,
        `(data (i32.const 8) "told\\n")
        (func (export "_start") (i32.store8 (i32.const 100) (i32.const 0x73)) (call $exit (i32.const 0)) unreachable)
        (func (export "wapc_init") (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (i32.const 1))))`,
        `${EXIT} ${FD_WRITE} ${wapc('guest_response')}`,
      );
      const plugin = await open(bytes, { wasi: {}, logger });
      expect([await textOf(plugin, 'x'), await textOf(plugin, 'x')]).toEqual(['t', 't']);
      expect(logger.lines.map(({ text }) => text)).toEqual(['told', 'told']);
    });

    it.each([3, 255])('cannot be opened when it exits with code %i', async (code) => {
      for (const name of ['_start', '_initialize', 'wapc_init']) {
        const bytes = await guestOf(
          '(i32.const 1)',
          `(func (export "${name}") (call $exit (i32.const ${code})))`,
          EXIT,
        );
        expect(await refusalOf(() => open(bytes, { wasi: {} }))).toEqual([
          'plugin',
          `the module exited with code ${code} in ${name}, while it was starting`,
        ]);
      }
    });

    it('cannot be opened when it exits before it has exports', async () => {
      const start = '(func $start (call $exit (i32.const 0))) (start $start)';
      expect(
        await refusalOf(async () => open(await guestOf('(i32.const 1)', start, EXIT), { wasi: {} })),
      ).toEqual(['plugin', 'the module exited with code 0 in its start function, while it was starting']);
    });

    it('cannot be opened when it crashes, and says why as well as it did itself', async () => {
      const crash = '(func (export "wapc_init") unreachable)';
      expect(await refusalOf(async () => open(await guestOf('(i32.const 1)', crash)))).toEqual([
        'trap',
        'the module trapped: unreachable',
      ]);
      const telling = `(data (i32.const 0) "no licence")
        (func (export "_initialize") (call $guest_error (i32.const 0) (i32.const 10)) unreachable)`;
      expect(
        await refusalOf(async () => open(await guestOf('(i32.const 1)', telling, wapc('guest_error')))),
      ).toEqual(['plugin', 'no licence']);
    });

    it('cannot be opened when it reports an error, and nothing more of it runs', async () => {
      const bytes = await guestOf(
        '(i32.const 1)',
        `(data (i32.const 0) "no licence")
        (func (export "_initialize") (call $guest_error (i32.const 0) (i32.const 10)))
        (func (export "wapc_init") unreachable)`,
        wapc('guest_error'),
      );
      expect(await refusalOf(() => open(bytes))).toEqual(['plugin', 'no licence']);
    });

    it('has no memory to point at before it has started', async () => {
      const bytes = await guestOf(
        '(i32.const 1)',
        '(func $start (call $console_log (i32.const 0) (i32.const 1))) (start $start)',
        wapc('console_log'),
      );
      expect(await refusalOf(() => open(bytes))).toEqual([
        'trap',
        '__console_log: 1 bytes at 0 are outside of the memory, which is not there before the module has started',
      ]);
    });
  });

  describe('a module that exits during a call', () => {
    it.each([0, 3])('with code %i has failed, and is replaced', async (code) => {
      const plugin = await open(await guestOf(`(call $exit (i32.const ${code})) (i32.const 1)`, '', EXIT), {
        wasi: {},
      });
      for (let call = 0; call < 2; call++) {
        expect(await refusalOf(() => plugin.call('x'))).toEqual([
          'plugin',
          `operation "x": the module exited with code ${code}`,
        ]);
      }
    });

    it('has its own error, when it said one before', async () => {
      const bytes = await guestOf(
        '(call $guest_error (i32.const 0) (i32.const 3)) (call $exit (i32.const 1)) (i32.const 1)',
        '(data (i32.const 0) "why")',
        `${EXIT} ${wapc('guest_error')}`,
      );
      const plugin = await open(bytes, { wasi: {} });
      expect(await refusalOf(() => plugin.call('x'))).toEqual(['plugin', 'why']);
    });
  });

  describe('a module that is refused', () => {
    const MEMORY = '(memory (export "memory") 1)';
    const CALL = '(func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1))';
    const type = 'a function of type (i32, i32) -> i32';
    it.each([
      [
        `(module (import "wapc" "__console_log" (func (param i32 i32))) ${MEMORY} (func (export "wapc_init") unreachable))`,
        `the module does not export "__guest_call", ${type}`,
      ],
      [`(module ${CALL})`, 'the module does not export "memory", the memory of the module'],
      [
        `(module ${MEMORY} (func (export "__guest_call") (param i32) (result i32) (i32.const 1)))`,
        `export "__guest_call" has the type (i32) -> i32; it must be ${type}`,
      ],
      [
        `(module ${MEMORY} (global (export "__guest_call") i32 (i32.const 1)))`,
        `export "__guest_call" is a global; it must be ${type}`,
      ],
      [
        `(module ${CALL} (func (export "memory")))`,
        'export "memory" is a function; it must be the memory of the module',
      ],
      [
        `(module ${MEMORY} ${CALL} (func (export "wapc_init") (param i32)))`,
        'export "wapc_init" has the type (i32) -> (); it must be a function without parameters, because it runs when the module starts',
      ],
    ])('%s says what it should export', async (source, message) => {
      expect(await refusalOfText(source)).toEqual(['invalid', message]);
    });

    it.each([
      ['(import "app" "hello" (func (param i32)))', 'app hello: (i32) -> ()'],
      ['(import "wapc" "__host_cal" (func))', 'wapc __host_cal: () -> ()'],
      ['(import "wapc" "memory" (memory 1))', 'wapc memory: memory'],
      [
        '(import "wapc" "__host_call" (func (param i32) (result i32)))',
        'wapc __host_call: (i32) -> i32, which has the type (i32, i32, i32, i32, i32, i32, i32, i32) -> i32',
      ],
      [
        '(import "env" "abort" (func)) (import "env" "exit" (func))',
        'env abort: () -> (), which has the type (i32, i32, i32, i32) -> (); env exit: () -> ()',
      ],
      [
        '(import "wapc" "__console_log" (global i32))',
        'wapc __console_log: global, which has the type (i32, i32) -> ()',
      ],
    ])('%s names all that nobody provides', async (imports, named) => {
      const source = guestText('(i32.const 1)', '', imports).replace(
        '(memory (export "memory") 1)',
        (memory) => (imports.includes('(memory 1)') ? '(export "memory" (memory 0))' : memory),
      );
      expect(await refusalOfText(source)).toEqual([
        'invalid',
        `the module imports what nobody provides: ${named}`,
      ]);
    });

    it('is no module at all, or an empty one', async () => {
      expect((await refusalOf(() => open(new TextEncoder().encode('{ "name": "not wasm" }'))))[0]).toBe(
        'invalid',
      );
      expect((await refusalOf(() => open(new Uint8Array(0))))[0]).toBe('invalid');
    });

    it('uses WASI, which was not granted', async () => {
      const imports = '(import "wasi" "fd_write" (func (param i32 i32 i32 i32) (result i32)))';
      expect(await refusalOf(async () => open(await guestOf('(i32.const 1)', '', imports)))).toEqual([
        'unsupported',
        'the module imports WASI, which is not granted: fd_write',
      ]);
    });
  });

  it('a callback that answers the start of a module sees an invocation of its own', async () => {
    const passed = door(() => reply(''));
    const bytes = await guestOf(
      '(i32.const 1)',
      `(data (i32.const 0) "samplehello")
      (func (export "wapc_init") (drop (call $host_call
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 6) (i32.const 5) (i32.const 0) (i32.const 0))))`,
      wapc('host_call'),
    );
    await open(bytes, { door: passed });
    expect(passed.calls[0]?.invocation).toMatchObject({ depth: 0 });
  });
}

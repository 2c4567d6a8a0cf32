// Ranges of memory that a guest names: inside they work, to the last byte; outside they end the call and touch nothing.
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { guestOf, wapc } from '../guests.ts';
import { door, type OpenWapc, reply, textOf } from './open.ts';

const PAGE = 65_536;
const BEYOND_2_GIB = 2 ** 31 + PAGE;
const LAST = 2 ** 32 - 1;
const OUTSIDE: readonly [pointer: number, length: number][] = [
  [PAGE - 4, 5],
  [PAGE, 1],
  [0, PAGE + 1],
  [BEYOND_2_GIB, 1],
  [LAST, 1],
  [LAST, LAST],
  [1, LAST],
];

const constant = (value: number): string => `(i32.const ${value})`;
const ask = (...ranges: [number, number][]): string =>
  `(call $host_call ${ranges.map(([at, length]) => `${constant(at)} ${constant(length)}`).join(' ')})`;

/** Declares the tests. */
export function pointerTests(open: OpenWapc): void {
  const outside = (name: string, at: number, length: number): object => ({
    code: 'trap',
    message: `${name}: ${length} bytes at ${at} are outside of the memory, which has ${PAGE}`,
    stateLost: true,
  });

  describe('memory that is not the guest’s', () => {
    it.each(OUTSIDE)('at %i, %i bytes long, cannot be handed over', async (at, length) => {
      for (const name of ['guest_response', 'guest_error', 'console_log'] as const) {
        const bytes = await guestOf(
          `(call $${name} ${constant(at)} ${constant(length)}) (i32.const 1)`,
          '',
          wapc(name),
        );
        expect(await failureOf(async () => (await open(bytes)).call('x'))).toMatchObject(
          outside(`__${name}`, at, length),
        );
      }
    });

    it.each(OUTSIDE)('at %i, %i bytes long, cannot be a part of a host call', async (at, length) => {
      const here = [0, 1] as [number, number];
      for (let part = 0; part < 4; part++) {
        const ranges = [here, here, here, here].map((range, index) =>
          index === part ? [at, length] : range,
        );
        const bytes = await guestOf(ask(...(ranges as [number, number][])), '', wapc('host_call'));
        const passed = door(() => reply(''));
        expect(await failureOf(async () => (await open(bytes, { door: passed })).call('x'))).toMatchObject(
          outside('__host_call', at, length),
        );
        expect(passed.calls).toHaveLength(0);
      }
    });

    it.each([PAGE - 3, PAGE, BEYOND_2_GIB, LAST])('at %i takes neither operation nor payload', async (at) => {
      const both = [`${constant(at)} (i32.const 0)`, `(i32.const 0) ${constant(at)}`];
      for (const pointers of both) {
        const bytes = await guestOf(
          `(call $guest_request ${pointers}) (i32.const 1)`,
          '',
          wapc('guest_request'),
        );
        expect(await failureOf(async () => (await open(bytes)).call('name', 'load'))).toMatchObject(
          outside('__guest_request', at, 4),
        );
      }
    });

    it.each([PAGE - 3, PAGE, BEYOND_2_GIB, LAST])('at %i takes no answer of the host', async (at) => {
      const names = ['host_response', 'host_error'] as const;
      const imports = wapc('host_call', ...names);
      const call = ask([0, 0], [0, 6], [6, 5], [0, 0]);
      for (const name of names) {
        const data = '(data (i32.const 0) "samplehello")';
        const bytes = await guestOf(
          `(drop ${call}) (call $${name} ${constant(at)}) (i32.const 1)`,
          data,
          imports,
        );
        const passed = door(() => reply('load', 'fail'));
        expect(await failureOf(async () => (await open(bytes, { door: passed })).call('x'))).toMatchObject(
          outside(`__${name}`, at, 4),
        );
      }
    });

    it('fails the call also when the guest catches what it is told', async () => {
      const bytes = await guestOf(
        `(try (do (call $guest_response (i32.const 65536) (i32.const 1))) (catch_all))
        (call $guest_response (i32.const 0) (i32.const 1)) (i32.const 1)`,
        '',
        wapc('guest_response'),
      );
      expect(await failureOf(async () => (await open(bytes)).call('x'))).toMatchObject(
        outside('__guest_response', PAGE, 1),
      );
    });

    it('takes nothing of a request that does not fit in whole', async () => {
      const plugin = await open(
        await guestOf(
          `(try (do (call $guest_request (i32.const 0) (i32.const 65535))) (catch_all))
          (if (i32.load (i32.const 0)) (then unreachable))
          (i32.const 1)`,
          '',
          wapc('guest_request'),
        ),
      );
      const error = await failureOf(() => plugin.call('name', 'load'));
      expect(error.message).toBe(
        '__guest_request: 4 bytes at 65535 are outside of the memory, which has 65536',
      );
    });
  });

  describe('memory to its last byte', () => {
    it('is the guest’s', async () => {
      const plugin = await open(
        await guestOf(
          `(call $guest_request (i32.const 0) (i32.const 65532))
          (call $guest_response (i32.const 65532) (i32.const 4)) (i32.const 1)`,
          '',
          wapc('guest_request', 'guest_response'),
        ),
      );
      expect(await textOf(plugin, 'name', 'load')).toBe('load');
    });

    it('beyond 2 GiB is the guest’s as well', async () => {
      const imports = wapc('guest_request', 'guest_response');
      const bytes = await guestOf(
        `(if (i32.lt_u (memory.size) (i32.const 32770)) (then (drop (memory.grow (i32.const 32769)))))
        (call $guest_request (i32.const 0) (i32.const ${BEYOND_2_GIB}))
        (call $guest_response (i32.const ${BEYOND_2_GIB}) (i32.const 4)) (i32.const 1)`,
        '',
        imports,
      );
      const plugin = await open(bytes, { limits: { memoryPages: 40_000 } });
      expect(await textOf(plugin, 'name', 'load')).toBe('load');
    });

    it('has no place for nothing: the pointer of an empty range may be any', async () => {
      const plugin = await open(
        await guestOf(
          `(call $guest_request (i32.const -1) (i32.const -1))
          (call $guest_error (i32.const -1) (i32.const 0))
          (call $guest_response (i32.const -1) (i32.const 0)) (i32.const 1)`,
          '',
          wapc('guest_request', 'guest_response', 'guest_error'),
        ),
      );
      expect((await plugin.call('')).bytes).toHaveLength(0);
    });
  });
}

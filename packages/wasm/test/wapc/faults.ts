// What the waPC project's host for JavaScript gets wrong and a compatible one has to get right, each with a demonstration of what it
// does instead.
import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import type { WapcPeer } from '@plugbay/testing';
import { errors, instantiate, type WapcHost } from '@plugbay/wasm/wapc';
import { expect, vi } from 'vitest';
import { failureOf } from '../open.ts';
import { guestOf, handWrittenGuest, wapc, wapcGuest } from './guests.ts';

/** One thing that the peer gets wrong. */
export interface Fault {
  /** Its number in the list of known faults. */
  readonly number: number;
  readonly title: string;
  /** What has to hold instead. */
  readonly ours: () => Promise<void>;
  /** What the peer does. */
  readonly peer: (peer: WapcPeer) => Promise<void>;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ASKING = bytesOf('binding\0sample\0hello\0Simon');
const NOTHING = new Uint8Array(0);

const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};

/** The message that a promise rejects with. */
async function messageOf(run: () => Promise<unknown>): Promise<string> {
  return (await failureOf(run)).message;
}

const beyond = (name: 'guest_response' | 'guest_request', ...values: number[]): Promise<Uint8Array> =>
  guestOf(
    `(if (i32.lt_u (memory.size) (i32.const 32770)) (then (drop (memory.grow (i32.const 32769)))))
    (call $${name} ${values.map((value) => `(i32.const ${value})`).join(' ')})
    (i32.const 1)`,
    '',
    wapc(name),
  );

// Answers with what fd_write answered for both streams, and the counts that it wrote, which were -1.
const printing = (): Promise<Uint8Array> =>
  guestOf(
    `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 5))
    (i64.store (i32.const 16) (i64.const -1))
    (i32.store (i32.const 24) (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (i32.store (i32.const 28) (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 20)))
    (call $guest_response (i32.const 16) (i32.const 16)) (i32.const 1)`,
    '(data (i32.const 100) "text\\n")',
    `(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32))) ${wapc('guest_response')}`,
  );

const reactor = (): Promise<Uint8Array> =>
  guestOf(
    '(call $guest_response (i32.const 0) (i32.const 1)) (i32.const 1)',
    '(func (export "_initialize") (i32.store8 (i32.const 0) (i32.const 0x79)))',
    wapc('guest_response'),
  );

async function manifestOf(file: string | URL | undefined): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(file ?? '', 'utf8'));
}

/** A host whose callback calls it again, and what came of both calls. */
async function reentering(
  make: (callback: () => Uint8Array) => Promise<Pick<WapcHost, 'invoke'>>,
): Promise<[inner: unknown, outer: unknown]> {
  let inner: Promise<unknown> | undefined;
  const host = await make(() => {
    inner = host.invoke('echo', bytesOf('inner')).then(textOf, ({ message }: Error) => message);
    return bytesOf('outer');
  });
  const outer = await host.invoke('host', ASKING).then(textOf, ({ message }: Error) => message);
  return [await inner, outer];
}

/** The thirteen, in their order. */
export const FAULTS: readonly Fault[] = [
  {
    number: 1,
    title: 'an asynchronous callback is waited for, and may reject',
    async ours() {
      await using host = await instantiate(
        await wapcGuest(),
        async (_binding, _namespace, _operation, payload) => {
          await new Promise(setImmediate);
          return payload;
        },
      );
      expect(textOf(await host.invoke('host', ASKING))).toBe('Simon');
      await using failing = await instantiate(await wapcGuest(), async () => throwing(new Error('no'))());
      expect(await messageOf(() => failing.invoke('host', ASKING))).toBe('no');
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest(), (async () => bytesOf('later')) as never);
      expect(await host.invoke('host', ASKING)).toHaveLength(0);
    },
  },
  {
    number: 2,
    title: 'the length of a host error is that of its bytes',
    async ours() {
      await using host = await instantiate(await wapcGuest(), throwing(new Error('é日本😀')));
      expect(await messageOf(() => host.invoke('host', ASKING))).toBe('é日本😀');
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest(), throwing(new Error('é日本😀')));
      expect(await messageOf(() => host.invoke('host', ASKING))).toBe('the host wrote beyond its error');
    },
  },
  {
    number: 3,
    title: 'a call knows nothing of the one before',
    async ours() {
      await using host = await instantiate(await wapcGuest());
      await host.invoke('echo', bytesOf('secret'));
      expect(await messageOf(() => host.invoke('silent', NOTHING))).toBe(
        'Guest call succeeded, but guest response not set.',
      );
      await failureOf(() => host.invoke('fail', bytesOf('secret')));
      expect(await messageOf(() => host.invoke('fail_silent', NOTHING))).toBe(
        'operation "fail_silent" failed without an error',
      );
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest());
      await host.invoke('echo', bytesOf('secret'));
      expect(textOf(await host.invoke('silent', NOTHING))).toBe('secret');
      await failureOf(() => host.invoke('fail', bytesOf('another')));
      expect(await messageOf(() => host.invoke('fail_silent', NOTHING))).toBe('another');
    },
  },
  {
    number: 4,
    title: 'only 1 is success',
    async ours() {
      await using host = await instantiate(await wapcGuest());
      expect(await messageOf(() => host.invoke('return_two', NOTHING))).toMatch(/the module returned 2/);
      expect(await messageOf(() => host.invoke('return_minus_one', NOTHING))).toMatch(
        /the module returned -1/,
      );
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest());
      expect(textOf(await host.invoke('return_two', NOTHING))).toBe('two');
    },
  },
  {
    number: 5,
    title: 'a trap keeps the error that the guest reported before, and ends the instance',
    async ours() {
      await using host = await instantiate(await wapcGuest());
      expect(await messageOf(() => host.invoke('fail_then_trap', NOTHING))).toBe('its own error');
      expect((await host.invoke('calls', NOTHING))[0]).toBe(1);
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest());
      expect(await messageOf(() => host.invoke('fail_then_trap', NOTHING))).toBe('unreachable');
      expect((await host.invoke('calls', NOTHING))[0]).toBe(2);
    },
  },
  {
    number: 6,
    title: 'what is outside of the memory is an error, and what is beyond 2 GiB is not outside',
    async ours() {
      await using outside = await instantiate(await beyond('guest_response', -1, 1));
      expect(await messageOf(() => outside.invoke('x', NOTHING))).toBe(
        `__guest_response: 1 bytes at 4294967295 are outside of the memory, which has ${32_770 * 65_536}`,
      );
      await using inside = await instantiate(await beyond('guest_request', 0, 2 ** 31 + 65_536));
      expect(await messageOf(() => inside.invoke('x', bytesOf('load')))).toMatch(/response not set/);
    },
    async peer({ instantiate }) {
      const outside = await instantiate(await beyond('guest_response', -1, 1));
      expect(await outside.invoke('x', NOTHING)).toHaveLength(0);
      const inside = await instantiate(await beyond('guest_request', 0, 2 ** 31 + 65_536));
      expect(await messageOf(() => inside.invoke('x', bytesOf('load')))).toBe('offset is out of bounds');
    },
  },
  {
    number: 7,
    title: 'only bytes are a payload or an answer',
    async ours() {
      const answers: [() => unknown, string][] = [
        [() => 'text', 'the host call sample.hello was answered with string, not with a Uint8Array'],
        [() => undefined, 'the host call sample.hello was answered with undefined, not with a Uint8Array'],
        [() => null, 'the host call sample.hello was answered with null, not with a Uint8Array'],
        [
          () => new Uint16Array(2),
          'the host call sample.hello was answered with another object, not with a Uint8Array',
        ],
        [() => Promise.reject(new Error('late')), 'the host call sample.hello was answered with a promise'],
      ];
      for (const [answer, message] of answers) {
        await using host = await instantiate(await wapcGuest(), answer as () => Uint8Array);
        expect(await messageOf(() => host.invoke('host_ignored', ASKING))).toBe(message);
      }
      await using host = await instantiate(await wapcGuest());
      const payloads = [
        ['text', 'string'],
        [new ArrayBuffer(4), 'another object'],
        [undefined, 'undefined'],
      ] as const;
      for (const [payload, kind] of payloads)
        expect(await messageOf(() => host.invoke('echo', payload as never))).toBe(
          `the payload must be a Uint8Array, not ${kind}`,
        );
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest(), (() => 'text') as never);
      expect(await host.invoke('host', ASKING)).toEqual(new Uint8Array(4));
      expect(await host.invoke('echo', 'text' as never)).toEqual(new Uint8Array(4));
    },
  },
  {
    number: 8,
    title: 'a host error is its message, and the error itself is the cause of a call that hands it on',
    async ours() {
      const thrown = Object.assign(new Error('no such thing'), { code: 'ENOENT' });
      await using host = await instantiate(await wapcGuest(), throwing(thrown));
      const error = await failureOf(() => host.invoke('host', ASKING));
      expect([error.message, error.cause]).toEqual(['no such thing', thrown]);
      expect(error.cause).toBe(thrown);
    },
    async peer({ instantiate }) {
      const host = await instantiate(await wapcGuest(), throwing(new Error('no such thing')));
      const error = await failureOf(() => host.invoke('host', ASKING));
      expect([error.message, error.cause]).toEqual(['Error: no such thing', undefined]);
    },
  },
  {
    number: 9,
    title: 'abort, _initialize and all of WASI are there, and what is not is no invalid module',
    async ours() {
      await using assemblyScript = await instantiate(await handWrittenGuest());
      expect(textOf(await assemblyScript.invoke('x', bytesOf('here')))).toBe('ready: here');
      await using initialised = await instantiate(await reactor());
      expect(textOf(await initialised.invoke('x', NOTHING))).toBe('y');
      const missing = await guestOf('(i32.const 1)', '', '(import "app" "hello" (func))');
      const error = await failureOf(() => instantiate(missing));
      expect([error instanceof errors.InvalidWasm, error.message]).toEqual([
        false,
        'the module imports what nobody provides: app hello: () -> ()',
      ]);
    },
    async peer({ instantiate, errors }) {
      await expect(instantiate(await handWrittenGuest())).rejects.toBeInstanceOf(errors.InvalidWasm);
      const initialised = await instantiate(await reactor());
      expect(textOf(await initialised.invoke('x', NOTHING))).toBe('\0');
    },
  },
  {
    number: 10,
    title: 'fd_write answers with an error number, and with its count for both streams',
    async ours() {
      const quiet = { info: () => undefined, warn: () => undefined };
      await using host = await instantiate(await printing(), undefined, undefined, quiet);
      const answer = await host.invoke('x', NOTHING);
      expect([...new Int32Array(answer.slice().buffer)]).toEqual([5, 5, 0, 0]);
    },
    async peer({ instantiate }) {
      const answer = await (await instantiate(await printing())).invoke('x', NOTHING);
      expect([...new Int32Array(answer.slice().buffer)]).toEqual([5, -1, 5, 0]);
    },
  },
  {
    number: 11,
    title: 'a call ends in time, memory has a limit, a host can be closed, and no call runs into another',
    async ours() {
      const options = { timeoutMs: 1_000, memoryPages: 10 };
      await using limited = await instantiate(await wapcGuest(), undefined, undefined, undefined, options);
      expect((await failureOf(() => limited.invoke('spin', NOTHING))).code).toBe('timeout');
      expect((await failureOf(() => limited.invoke('echo', new Uint8Array(700_000)))).code).toBe('trap');
      expect(textOf(await limited.invoke('echo', bytesOf('works')))).toBe('works');
      await limited.close();
      expect(await messageOf(() => limited.invoke('echo', NOTHING))).toBe('the host is closed');
      const bytes = await wapcGuest();
      expect(await reentering((callback) => instantiate(bytes, callback))).toEqual([
        'the plugin is running: it cannot be called from its own host functions',
        'outer',
      ]);
    },
    async peer({ instantiate }) {
      const bytes = await wapcGuest();
      expect('close' in (await instantiate(bytes))).toBe(false);
      expect((await reentering((callback) => instantiate(bytes, callback)))[0]).toBe('inner');
    },
  },
  {
    number: 12,
    title: 'a writer takes what is logged and printed, and without one nothing is lost',
    async ours() {
      const written: string[] = [];
      await using logging = await instantiate(await wapcGuest(), undefined, (message) =>
        written.push(message),
      );
      await failureOf(() => logging.invoke('log', bytesOf('a line')));
      await using writing = await instantiate(
        await printing(),
        undefined,
        (message) => written.push(message),
        {
          info: () => undefined,
          warn: (line) => written.push(`error: ${line}`),
        },
      );
      await writing.invoke('x', NOTHING);
      expect(written).toEqual(['a line\n', 'text\n', 'error: text']);
      const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) =>
        spy.mockImplementation(() => undefined),
      );
      await using silent = await instantiate(await printing());
      await silent.invoke('x', NOTHING);
      expect(spies.map(({ mock }) => mock.calls)).toEqual([[['text']], [['text']]]);
      for (const spy of spies) spy.mockRestore();
    },
    async peer({ instantiate }) {
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
      const written: string[] = [];
      const logging = await instantiate(await wapcGuest(), undefined, (message) => written.push(message));
      await failureOf(() => logging.invoke('log', bytesOf('a line')));
      expect([log.mock.calls, written]).toEqual([[['a line']], []]);
      log.mockClear();
      await (await instantiate(await printing())).invoke('x', NOTHING);
      expect(log.mock.calls).toEqual([]);
      log.mockRestore();
    },
  },
  {
    number: 13,
    title: 'it is an ECMAScript module with types, and stands on nobody else’s packages',
    async ours() {
      const { type, exports, dependencies } = await manifestOf(
        new URL('../../package.json', import.meta.url),
      );
      expect(type).toBe('module');
      expect(exports?.['./wapc']).toMatchObject({ types: './dist/wapc.d.ts' });
      expect(Object.keys(dependencies ?? {}).filter((name) => !name.startsWith('@plugbay/'))).toEqual([]);
    },
    async peer() {
      const { type, dependencies } = await manifestOf(findPackageJSON('@wapc/host', import.meta.url));
      expect([type, Object.keys(dependencies ?? {})]).toEqual([undefined, ['debug']]);
    },
  },
];

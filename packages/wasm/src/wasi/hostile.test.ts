import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Folder, SECRET } from '../../test/wasi/folder.ts';
import { Guest, READ_WRITE } from '../../test/wasi/guest.ts';
import { isExit } from './exit.ts';
import { WASI_FUNCTION_NAMES, wasiSignature } from './signatures.ts';

// Where the paths lie in memory, so that random pointers meet them.
const PATHS = [
  'file',
  'dir',
  'dir/x',
  'link',
  'up',
  'up/outside',
  '../outside',
  'absolute',
  '.',
  '..',
  '/',
  'new',
];
const PATH_STRIDE = 32;

const small = fc.integer({ min: 0, max: 12 });
const i32 = fc.oneof(
  { weight: 6, arbitrary: small },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: PATHS.length - 1 }).map((index) => index * PATH_STRIDE) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 131_072 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(131_072, 131_071, 131_064, 131_008, -1, -8, 2 ** 31 - 1, -(2 ** 31)),
  },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
);
const i64 = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 100n }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(READ_WRITE, 2n, 66n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
);

const calls = fc.array(
  fc.constantFrom(...WASI_FUNCTION_NAMES).chain((name) => {
    const types = wasiSignature('wasi_snapshot_preview1', name)?.parameters ?? [];
    const parameters = types.map((type): fc.Arbitrary<number | bigint> => (type === 'i32' ? i32 : i64));
    return fc.record({ name: fc.constant(name), parameters: fc.tuple(...parameters) });
  }),
  { minLength: 1, maxLength: 60 },
);

function prepared(folder: Folder, namespace: string): Guest {
  folder.file('file', 'text');
  symlinkSync('..', folder.path('up'));
  symlinkSync('file', folder.path('link'));
  symlinkSync(folder.outside, folder.path('absolute'));
  const guest = new Guest(
    {
      args: ['a', 'b'],
      env: { A: 'b' },
      stdin: 'input',
      directories: [
        { host: folder.inside, guest: '/data' },
        { host: folder.inside, guest: '/readonly', readOnly: true },
      ],
    },
    { namespace },
  );
  guest.call('path_create_directory', 3, ...guest.put('dir'));
  guest.opened('file', { rights: READ_WRITE });
  guest.opened('dir');
  const bytes = new Uint8Array(guest.memory.buffer);
  for (const [index, path] of PATHS.entries()) bytes.set(Buffer.from(path), index * PATH_STRIDE);
  return guest;
}

function everyFunction(namespace: string): void {
  fc.assert(
    fc.property(calls, (sequence) => {
      using folder = new Folder();
      const guest = prepared(folder, namespace);
      const { buffer } = guest.memory;
      const descriptors = readdirSync('/proc/self/fd').length;
      for (const { name, parameters } of sequence) {
        const act = guest.wasi.imports(namespace)[name];
        if (act === undefined) continue;
        try {
          const errno = act(...parameters);
          expect(Number.isInteger(errno) && errno >= 0 && errno <= 76).toBe(true);
        } catch (thrown) {
          if (!isExit(thrown)) throw thrown;
          expect(guest.wasi.exitCode).toBe(thrown.code);
        }
      }
      expect(guest.memory.buffer).toBe(buffer);
      expect(Buffer.from(guest.bytes(0, guest.size)).includes(SECRET)).toBe(false);
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(descriptors + 2 * 64);
      guest.wasi.close();
      expect(readdirSync(folder.base).sort()).toEqual(['elsewhere', 'inside', 'outside']);
      expect(readdirSync(folder.elsewhere)).toEqual(['outside']);
      expect(readFileSync(folder.outside, 'utf8')).toBe(SECRET);
      expect([lstatSync(folder.outside).nlink, existsSync('/outside')]).toEqual([1, false]);
    }),
    { numRuns: 300 },
  );
}

describe('whatever a guest calls with whatever', () => {
  it('it gets an errno or its exit, and touches nothing outside', () =>
    everyFunction('wasi_snapshot_preview1'));
  it('so it does in the version before', () => everyFunction('wasi_unstable'));

  it('leaves no descriptor of the host open', () => {
    const before = readdirSync('/proc/self/fd').length;
    everyFunction('wasi_snapshot_preview1');
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});

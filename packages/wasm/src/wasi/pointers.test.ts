import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder } from '../../test/wasi/folder.ts';
import { Guest, READ_WRITE } from '../../test/wasi/guest.ts';

/** What a call needs in memory: at these parameters, so many bytes. The parameters themselves would do it, with fd 3 a directory and 4 a file. */
interface Case {
  readonly name: string;
  readonly parameters: (guest: Guest) => (number | bigint)[];
  /** Parameter → bytes that must be inside. */
  readonly pointers: Readonly<Record<number, number>>;
}

const iovec = (guest: Guest): [number, number] => guest.iovecs([guest.room(8), 4]);

const CASES: readonly Case[] = [
  { name: 'args_get', parameters: (g) => [g.room(4), g.room(2)], pointers: { 0: 4, 1: 2 } },
  { name: 'args_sizes_get', parameters: (g) => [g.room(4), g.room(4)], pointers: { 0: 4, 1: 4 } },
  { name: 'environ_get', parameters: (g) => [g.room(4), g.room(4)], pointers: { 0: 4, 1: 4 } },
  { name: 'environ_sizes_get', parameters: (g) => [g.room(4), g.room(4)], pointers: { 0: 4, 1: 4 } },
  { name: 'clock_res_get', parameters: (g) => [0, g.room(8)], pointers: { 1: 8 } },
  { name: 'clock_time_get', parameters: (g) => [0, 0n, g.room(8)], pointers: { 2: 8 } },
  { name: 'random_get', parameters: (g) => [g.room(16), 16], pointers: { 0: 16 } },
  { name: 'fd_fdstat_get', parameters: (g) => [3, g.room(24)], pointers: { 1: 24 } },
  { name: 'fd_filestat_get', parameters: (g) => [3, g.room(64)], pointers: { 1: 64 } },
  { name: 'fd_prestat_get', parameters: (g) => [3, g.room(8)], pointers: { 1: 8 } },
  { name: 'fd_prestat_dir_name', parameters: (g) => [3, g.room(5), 5], pointers: { 1: 5 } },
  { name: 'fd_read', parameters: (g) => [4, ...iovec(g), g.room(4)], pointers: { 1: 8, 3: 4 } },
  { name: 'fd_pread', parameters: (g) => [4, ...iovec(g), 0n, g.room(4)], pointers: { 1: 8, 4: 4 } },
  { name: 'fd_write', parameters: (g) => [4, ...iovec(g), g.room(4)], pointers: { 1: 8, 3: 4 } },
  { name: 'fd_pwrite', parameters: (g) => [4, ...iovec(g), 0n, g.room(4)], pointers: { 1: 8, 4: 4 } },
  { name: 'fd_readdir', parameters: (g) => [3, g.room(64), 64, 0n, g.room(4)], pointers: { 1: 64, 4: 4 } },
  { name: 'fd_seek', parameters: (g) => [4, 0n, 0, g.room(8)], pointers: { 3: 8 } },
  { name: 'fd_tell', parameters: (g) => [4, g.room(8)], pointers: { 1: 8 } },
  { name: 'path_create_directory', parameters: (g) => [3, ...g.put('new')], pointers: { 1: 3 } },
  {
    name: 'path_filestat_get',
    parameters: (g) => [3, 0, ...g.put('file'), g.room(64)],
    pointers: { 2: 4, 4: 64 },
  },
  {
    name: 'path_filestat_set_times',
    parameters: (g) => [3, 0, ...g.put('file'), 0n, 0n, 5],
    pointers: { 2: 4 },
  },
  {
    name: 'path_link',
    parameters: (g) => [3, 0, ...g.put('file'), 3, ...g.put('new')],
    pointers: { 2: 4, 5: 3 },
  },
  {
    name: 'path_open',
    parameters: (g) => [3, 0, ...g.put('new'), 1, READ_WRITE, 0n, 0, g.room(4)],
    pointers: { 2: 3, 8: 4 },
  },
  {
    name: 'path_readlink',
    parameters: (g) => [3, ...g.put('link'), g.room(4), 4, g.room(4)],
    pointers: { 1: 4, 3: 4, 5: 4 },
  },
  { name: 'path_remove_directory', parameters: (g) => [3, ...g.put('empty')], pointers: { 1: 5 } },
  {
    name: 'path_rename',
    parameters: (g) => [3, ...g.put('file'), 3, ...g.put('new')],
    pointers: { 1: 4, 4: 3 },
  },
  { name: 'path_symlink', parameters: (g) => [...g.put('x'), 3, ...g.put('new')], pointers: { 0: 1, 3: 3 } },
  { name: 'path_unlink_file', parameters: (g) => [3, ...g.put('file')], pointers: { 1: 4 } },
  {
    name: 'poll_oneoff',
    parameters: (g) => {
      const subscription = g.room(48);
      new Uint8Array(g.memory.buffer).fill(0, subscription, subscription + 48);
      return [subscription, g.room(32), 1, g.room(4)];
    },
    pointers: { 0: 48, 1: 32, 3: 4 },
  },
];

function prepared(folder: Folder): Guest {
  folder.file('file', 'text');
  const guest = new Guest({
    args: ['a'],
    env: { A: 'b' },
    directories: [{ host: folder.inside, guest: '/data' }],
  });
  guest.call('path_create_directory', 3, ...guest.put('empty'));
  guest.call('path_symlink', ...guest.put('file'), 3, ...guest.put('link'));
  expect(guest.opened('file', { rights: READ_WRITE })).toBe(4);
  return guest;
}

/** What is in the directory now, and the file's text. */
const stateOf = (folder: Folder): unknown => [
  readdirSync(folder.inside),
  readFileSync(folder.path('file'), 'utf8'),
];

describe('a pointer', () => {
  it.each(CASES)('of $name may point to the very end of the memory', ({ name, parameters, pointers }) => {
    for (const [index, size] of Object.entries(pointers)) {
      using folder = new Folder();
      const guest = prepared(folder);
      const given = parameters(guest);
      const from = given[Number(index)] as number;
      const to = guest.size - size;
      new Uint8Array(guest.memory.buffer).copyWithin(to, from, from + size);
      given[Number(index)] = to;
      expect([index, guest.call(name, ...given)]).toEqual([index, 'SUCCESS']);
      guest.wasi.close();
    }
  });

  it.each(CASES)('of $name that is outside changes nothing', ({ name, parameters, pointers }) => {
    using folder = new Folder();
    const guest = prepared(folder);
    for (const [index, size] of Object.entries(pointers)) {
      for (const outside of [guest.size - size + 1, guest.size, 0x7fff_ffff, -size, -1]) {
        const given = parameters(guest);
        given[Number(index)] = outside;
        const files = stateOf(folder);
        const memory = Buffer.from(guest.bytes(0, guest.size));
        expect([index, outside, guest.call(name, ...given)]).toEqual([index, outside, 'EFAULT']);
        expect(memory.equals(guest.bytes(0, guest.size))).toBe(true);
        expect(stateOf(folder)).toEqual(files);
      }
    }
    guest.wasi.close();
  });

  it('in an iovec is checked before anything is read or written', () => {
    using folder = new Folder();
    const guest = prepared(folder);
    const good = guest.room(2);
    for (const bad of [
      [guest.size, 1],
      [-1, 1],
      [0, -1],
      [good, guest.size],
    ] as [number, number][]) {
      for (const name of ['fd_read', 'fd_write']) {
        expect(guest.call(name, 4, ...guest.iovecs([good, 2], bad), guest.room(4))).toBe('EFAULT');
      }
    }
    expect(guest.bytes(good, 2)).toEqual(new Uint8Array([0xaa, 0xaa]));
    expect(guest.contents('file')).toBe('text');
    const result = guest.room(8);
    guest.call('fd_tell', 4, result);
    expect(guest.u64(result)).toBe(0n);
    guest.wasi.close();
  });

  it('to nothing is fine when nothing is there', () => {
    using folder = new Folder();
    const guest = prepared(folder);
    expect(guest.call('fd_write', 4, guest.size, 0, guest.room(4))).toBe('SUCCESS');
    expect(guest.call('fd_write', 4, ...guest.iovecs([guest.size, 0]), guest.room(4))).toBe('SUCCESS');
    expect(guest.call('fd_write', 4, ...guest.iovecs([guest.size + 1, 0]), guest.room(4))).toBe('EFAULT');
    guest.wasi.close();
  });
});

describe('the memory', () => {
  it('may grow between two calls', () => {
    const guest = new Guest({ stdin: 'abcd' });
    expect(guest.read(0, 2)).toBe('ab');
    const end = guest.size;
    (guest.memory as unknown as { grow(pages: number): void }).grow(1);
    expect(guest.size).toBe(end + 65_536);
    const result = guest.room(4);
    expect(guest.call('fd_read', 0, ...guest.iovecs([guest.size - 2, 2]), result)).toBe('SUCCESS');
    expect(guest.text(guest.size - 2, 2)).toBe('cd');
  });

  it('is nowhere until it is bound, and then a start function that asks gets an answer', () => {
    const guest = new Guest();
    guest.wasi.bind(undefined);
    expect([guest.call('random_get', 0, 1), guest.call('fd_write', 1, 0, 1, 8)]).toEqual([
      'EFAULT',
      'EFAULT',
    ]);
    expect([guest.call('sched_yield'), guest.call('fd_close', 2)]).toEqual(['SUCCESS', 'SUCCESS']);
    guest.wasi.bind({ buffer: new ArrayBuffer(8) });
    expect(guest.call('random_get', 0, 1)).toBe('EFAULT');
    guest.wasi.bind(guest.memory);
    expect(guest.call('random_get', 0, 1)).toBe('SUCCESS');
  });
});

describe('a count', () => {
  it('of buffers is at most 1024', () => {
    const guest = new Guest();
    const [iovecs] = guest.iovecs(...Array.from({ length: 1024 }, (): [number, number] => [0, 1]));
    const result = guest.room(4);
    expect(guest.call('fd_write', 1, iovecs, 1024, result)).toBe('SUCCESS');
    expect(guest.u32(result)).toBe(1024);
    expect([
      guest.call('fd_write', 1, iovecs, 1025, result),
      guest.call('fd_read', 0, iovecs, -1, result),
    ]).toEqual(['EINVAL', 'EINVAL']);
  });

  it('of bytes in a path is at most 4096, at least 1, and none of them is NUL', () => {
    using folder = new Folder();
    const guest = new Guest({ directories: [{ host: folder.inside, guest: '/' }] });
    expect([
      guest.open('x/'.repeat(2048)),
      guest.open(`${'x/'.repeat(2048)}x`),
      guest.open(''),
      guest.open('a\0'),
      guest.open('n'.repeat(300)),
    ]).toEqual(['ENOENT', 'ENAMETOOLONG', 'ENOENT', 'EINVAL', 'ENAMETOOLONG']);
    guest.wasi.close();
  });
});

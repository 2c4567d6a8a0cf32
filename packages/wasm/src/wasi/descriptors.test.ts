import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder } from '../../test/wasi/folder.ts';
import { Guest, READ, READ_WRITE } from '../../test/wasi/guest.ts';
import { DESCRIPTORS_MAX } from './descriptors.ts';
import { DIRECTORY_RIGHTS, FILE_RIGHTS, READING_RIGHTS } from './values.ts';

const grantOf = (folder: Folder) => ({ directories: [{ host: folder.inside, guest: '/data' }] });

/** File type, flags, base and inheriting rights; the error's name when there is one. */
function fdstat(guest: Guest, fd: number): unknown {
  const at = guest.room(24);
  const error = guest.call('fd_fdstat_get', fd, at);
  if (error !== 'SUCCESS') return error;
  return [guest.view.getUint8(at), guest.view.getUint16(at + 2, true), guest.u64(at + 8), guest.u64(at + 16)];
}

const ownDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe('a preopened directory', () => {
  it('is known by its name from descriptor 3 on, in the order of the grants', () => {
    using folder = new Folder();
    const guest = new Guest({
      directories: [
        { host: folder.inside, guest: '/data' },
        { host: folder.elsewhere, guest: 'ü', readOnly: true },
      ],
    });
    const at = guest.room(8);
    const names = [3, 4].map((fd) => {
      expect(guest.call('fd_prestat_get', fd, at)).toBe('SUCCESS');
      expect(guest.u32(at)).toBe(0);
      const length = guest.u32(at + 4);
      const name = guest.room(length + 1);
      expect(guest.call('fd_prestat_dir_name', fd, name, length + 1)).toBe('SUCCESS');
      expect(guest.call('fd_prestat_dir_name', fd, name, length - 1)).toBe('ENAMETOOLONG');
      return guest.text(name, length);
    });
    expect(names).toEqual(['/data', 'ü']);
    expect([guest.call('fd_prestat_get', 5, at), guest.call('fd_prestat_get', 0, at)]).toEqual([
      'EBADF',
      'EBADF',
    ]);
    const opened = guest.opened('.', { at: 3 });
    expect([opened, guest.call('fd_prestat_get', opened, at)]).toEqual([5, 'EBADF']);
    expect(guest.call('fd_prestat_dir_name', opened, at, 8)).toBe('EBADF');
    guest.wasi.close();
  });

  it('that cannot be opened is an error of the operator, and leaves nothing open', () => {
    using folder = new Folder();
    const before = ownDescriptors();
    const missing = folder.path('missing');
    expect(
      () =>
        new Guest({
          directories: [
            { host: folder.inside, guest: '/a' },
            { host: missing, guest: '/b' },
          ],
        }),
    ).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        message: `a granted directory cannot be opened: ENOENT: no such file or directory, open '${missing}'`,
      }),
    );
    expect(() => new Guest({ directories: [{ host: folder.outside, guest: '/a' }] })).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
    expect(ownDescriptors()).toBe(before);
  });
});

describe('descriptors', () => {
  it('have the lowest free number and are at most so many', () => {
    using folder = new Folder();
    folder.file('file', '');
    const guest = new Guest(grantOf(folder));
    for (let count = 0; count < DESCRIPTORS_MAX; count++) expect(guest.open('file')).toBe(4 + count);
    expect(guest.open('file')).toBe('EMFILE');
    expect(guest.open('new', { oflags: 1, rights: READ_WRITE })).toBe('EMFILE');
    expect(readdirSync(folder.inside)).toEqual(['file']);
    expect(guest.call('fd_close', 10)).toBe('SUCCESS');
    expect(guest.open('file')).toBe(10);
    guest.wasi.close();
  });

  it('are all closed in the end, once', () => {
    using folder = new Folder();
    folder.file('file', '');
    const before = ownDescriptors();
    const guest = new Guest(grantOf(folder));
    for (let count = 0; count < 10; count++) guest.opened(count % 2 === 0 ? 'file' : '.');
    guest.names(5);
    guest.call('fd_close', 6);
    expect(ownDescriptors()).toBeGreaterThan(before + 9);
    guest.wasi.close();
    guest.wasi.close();
    expect(ownDescriptors()).toBe(before);
    expect([guest.open('file'), guest.write(1, 'x'), guest.call('fd_close', 3)]).toEqual([
      'EBADF',
      'EBADF',
      'EBADF',
    ]);
  });

  it('are closed although one of them fails to', () => {
    const before = ownDescriptors();
    const guest = new Guest(
      {},
      {
        host: {
          line: () => {
            throw new Error('no log');
          },
        },
      },
    );
    guest.write(1, 'rest');
    expect(() => guest.wasi.close()).toThrow('no log');
    expect([ownDescriptors(), guest.write(2, 'x')]).toEqual([before, 'EBADF']);
  });

  it('can be given the number of another one, which is closed', () => {
    using folder = new Folder();
    folder.file('one', 'one');
    folder.file('two', 'two');
    const guest = new Guest(grantOf(folder));
    const [one, two] = [guest.opened('one'), guest.opened('two')];
    const open = ownDescriptors();
    expect(guest.call('fd_renumber', one, two)).toBe('SUCCESS');
    expect([guest.read(two, 9), guest.read(one, 9), ownDescriptors()]).toEqual(['one', 'EBADF', open - 1]);
    expect([guest.call('fd_renumber', two, 99), guest.call('fd_renumber', 99, two)]).toEqual([
      'EBADF',
      'EBADF',
    ]);
    expect(guest.call('fd_renumber', two, two)).toBe('SUCCESS');
    expect(guest.call('fd_renumber', two, 1)).toBe('SUCCESS');
    expect([guest.write(1, 'x'), guest.call('fd_renumber', 1, 0), guest.read(0, 1)]).toEqual([
      'ENOTCAPABLE',
      'SUCCESS',
      '',
    ]);
    guest.wasi.close();
  });

  it('belong to nobody else: closing one does not close what got its number since', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    const fd = guest.opened('file');
    guest.call('fd_close', fd);
    const other = guest.opened('.');
    expect([fd === other, guest.call('fd_close', other), guest.call('fd_close', other)]).toEqual([
      true,
      'SUCCESS',
      'EBADF',
    ]);
    guest.wasi.close();
  });
});

describe('rights', () => {
  it('are all a directory can have, and those that were asked for of what makes sense', () => {
    using folder = new Folder();
    folder.file('file', '');
    const guest = new Guest(grantOf(folder));
    const all = (1n << 30n) - 1n;
    expect(fdstat(guest, 3)).toEqual([3, 0, DIRECTORY_RIGHTS, all]);
    expect(fdstat(guest, guest.opened('file', { rights: READ_WRITE, inheriting: all, flags: 4 }))).toEqual([
      4,
      4,
      FILE_RIGHTS,
      0n,
    ]);
    expect(fdstat(guest, guest.opened('file', { rights: READ | (1n << 22n) }))).toEqual([
      4,
      0,
      READING_RIGHTS,
      0n,
    ]);
    // Bits without a meaning are what some programs set for all.
    expect(fdstat(guest, guest.opened('.', { rights: READ | (3n << 30n), inheriting: 2n }))).toEqual([
      3,
      0,
      DIRECTORY_RIGHTS,
      2n,
    ]);
    expect(fdstat(guest, 99)).toBe('EBADF');
    guest.wasi.close();
  });

  it('can be dropped and never got back', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    const fd = guest.opened('file', { rights: READ_WRITE });
    expect(guest.call('fd_fdstat_set_rights', fd, 2n, 0n)).toBe('SUCCESS');
    expect([guest.write(fd, 'x'), guest.read(fd, 2)]).toEqual(['ENOTCAPABLE', 'te']);
    expect(guest.call('fd_fdstat_set_rights', fd, 2n | 64n, 0n)).toBe('ENOTCAPABLE');
    expect(guest.call('fd_fdstat_set_rights', fd, 2n, 1n)).toBe('ENOTCAPABLE');
    expect(guest.call('fd_fdstat_set_rights', fd, -1n, 0n)).toBe('ENOTCAPABLE');
    expect(guest.call('fd_fdstat_set_rights', 99, 0n, 0n)).toBe('EBADF');
    expect(fdstat(guest, fd)).toEqual([4, 0, 2n, 0n]);
    guest.wasi.close();
  });

  it('that a directory does not pass on cannot be asked for', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    const at = guest.opened('.', { inheriting: READ });
    expect(guest.open('file', { at, rights: READ_WRITE })).toBe('ENOTCAPABLE');
    expect(guest.open('file', { at, inheriting: 64n })).toBe('ENOTCAPABLE');
    expect(guest.read(guest.opened('file', { at }), 9)).toBe('text');
    guest.wasi.close();
  });

  it.each<[string, bigint, (guest: Guest, fd: number) => (number | bigint)[]]>([
    ['fd_datasync', 0n, (_, fd) => [fd]],
    ['fd_read', 1n, (g, fd) => [fd, ...g.iovecs(), g.room(4)]],
    ['fd_pread', 1n, (g, fd) => [fd, ...g.iovecs(), 0n, g.room(4)]],
    ['fd_pread', 2n, (g, fd) => [fd, ...g.iovecs(), 0n, g.room(4)]],
    ['fd_seek', 2n, (g, fd) => [fd, 1n, 0, g.room(8)]],
    ['fd_fdstat_set_flags', 3n, (_, fd) => [fd, 0]],
    ['fd_sync', 4n, (_, fd) => [fd]],
    ['fd_write', 6n, (g, fd) => [fd, ...g.iovecs(), g.room(4)]],
    ['fd_pwrite', 6n, (g, fd) => [fd, ...g.iovecs(), 0n, g.room(4)]],
    ['fd_advise', 7n, (_, fd) => [fd, 0n, 0n, 0]],
    ['fd_allocate', 8n, (_, fd) => [fd, 0n, 1n]],
    ['fd_filestat_get', 21n, (g, fd) => [fd, g.room(64)]],
    ['fd_filestat_set_size', 22n, (_, fd) => [fd, 1n]],
    ['fd_filestat_set_times', 23n, (_, fd) => [fd, 0n, 0n, 5]],
  ])('are needed for a file: %s needs bit %s', (name, bit, parameters) => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    const fd = guest.opened('file', { rights: READ_WRITE });
    expect(guest.call(name, ...parameters(guest, fd))).toBe('SUCCESS');
    guest.call('fd_fdstat_set_rights', fd, FILE_RIGHTS & ~(1n << bit), 0n);
    expect(guest.call(name, ...parameters(guest, fd))).toBe('ENOTCAPABLE');
    guest.wasi.close();
  });

  it('to tell where one is are included in those to seek', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    const at = guest.room(8);
    const results = [1n << 2n, 1n << 5n, 0n].map((rights) => {
      const fd = guest.opened('file', { rights });
      return [
        guest.call('fd_tell', fd, at),
        guest.call('fd_seek', fd, 0n, 1, at),
        guest.call('fd_seek', fd, 1n, 0, at),
      ];
    });
    expect(results).toEqual([
      ['SUCCESS', 'SUCCESS', 'SUCCESS'],
      ['SUCCESS', 'SUCCESS', 'ENOTCAPABLE'],
      ['ENOTCAPABLE', 'ENOTCAPABLE', 'ENOTCAPABLE'],
    ]);
    guest.wasi.close();
  });

  it.each<[string, bigint, (guest: Guest, fd: number) => (number | bigint)[]]>([
    ['path_create_directory', 9n, (g, fd) => [fd, ...g.put('new')]],
    ['path_open', 10n, (g, fd) => [fd, 0, ...g.put('new'), 1, 0n, 0n, 0, g.room(4)]],
    ['path_link', 11n, (g, fd) => [fd, 0, ...g.put('file'), 3, ...g.put('new')]],
    ['path_link', 12n, (g, fd) => [3, 0, ...g.put('file'), fd, ...g.put('new')]],
    ['path_open', 13n, (g, fd) => [fd, 0, ...g.put('file'), 0, 0n, 0n, 0, g.room(4)]],
    ['fd_readdir', 14n, (g, fd) => [fd, g.room(8), 8, 0n, g.room(4)]],
    ['path_readlink', 15n, (g, fd) => [fd, ...g.put('link'), g.room(8), 8, g.room(4)]],
    ['path_rename', 16n, (g, fd) => [fd, ...g.put('file'), 3, ...g.put('new')]],
    ['path_rename', 17n, (g, fd) => [3, ...g.put('file'), fd, ...g.put('new')]],
    ['path_filestat_get', 18n, (g, fd) => [fd, 0, ...g.put('file'), g.room(64)]],
    ['path_open', 19n, (g, fd) => [fd, 0, ...g.put('file'), 8, 64n, 0n, 0, g.room(4)]],
    ['path_filestat_set_times', 20n, (g, fd) => [fd, 0, ...g.put('file'), 0n, 0n, 5]],
    ['path_symlink', 24n, (g, fd) => [...g.put('x'), fd, ...g.put('new')]],
    ['path_remove_directory', 25n, (g, fd) => [fd, ...g.put('empty')]],
    ['path_unlink_file', 26n, (g, fd) => [fd, ...g.put('file')]],
  ])('are needed for a directory: %s needs bit %s', (name, bit, parameters) => {
    for (const missing of [true, false]) {
      using folder = new Folder();
      folder.file('file', 'text');
      const guest = new Guest(grantOf(folder));
      guest.call('path_create_directory', 3, ...guest.put('empty'));
      guest.call('path_symlink', ...guest.put('file'), 3, ...guest.put('link'));
      const rights = missing ? DIRECTORY_RIGHTS & ~(1n << bit) : DIRECTORY_RIGHTS;
      const fd = guest.opened('.', { rights, inheriting: READ_WRITE });
      expect(guest.call(name, ...parameters(guest, fd))).toBe(missing ? 'ENOTCAPABLE' : 'SUCCESS');
      guest.wasi.close();
    }
  });
});

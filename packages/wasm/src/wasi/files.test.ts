import {
  existsSync,
  lutimesSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { Folder } from '../../test/wasi/folder.ts';
import { Guest, READ_WRITE } from '../../test/wasi/guest.ts';

const grantOf = (folder: Folder) => ({ directories: [{ host: folder.inside, guest: '/data' }] });

/** Opens for reading and writing. */
const edit = (guest: Guest, path: string, flags = 0): number =>
  guest.opened(path, { rights: READ_WRITE, flags });

/** Moves the offset; answers where it is then, or the error's name. */
function seek(guest: Guest, fd: number, delta: bigint, whence: number): bigint | string {
  const at = guest.room(8);
  const error = guest.call('fd_seek', fd, delta, whence, at);
  return error === 'SUCCESS' ? guest.u64(at) : error;
}

describe('an open file', () => {
  it('is read and written where the offset is, which moves', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    expect(guest.read(fd, 2)).toBe('ab');
    expect(guest.write(fd, 'XY')).toBe('SUCCESS');
    expect(guest.read(fd, 9)).toBe('ef');
    expect(guest.read(fd, 9)).toBe('');
    expect(readFileSync(folder.path('file'), 'utf8')).toBe('abXYef');
    guest.wasi.close();
  });

  it('is read and written elsewhere without moving the offset', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    const [at, result] = [guest.room(4), guest.room(4)];
    expect(guest.call('fd_pread', fd, ...guest.iovecs([at, 2], [at + 2, 2]), 3n, result)).toBe('SUCCESS');
    expect([guest.text(at, 3), guest.u32(result)]).toEqual(['def', 3]);
    expect(guest.call('fd_pwrite', fd, ...guest.iovecs(guest.put('Z')), 7n, result)).toBe('SUCCESS');
    expect([guest.u32(result), guest.read(fd, 9)]).toEqual([1, 'abcdef\0Z']);
    guest.wasi.close();
  });

  it('ends before offsets that no file has', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    const [at, result] = [guest.room(4), guest.room(4)];
    const results = [2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, -1n].map((offset) => [
      guest.call('fd_pread', fd, ...guest.iovecs([at, 4]), offset, result),
      guest.u32(result),
      guest.call('fd_pwrite', fd, ...guest.iovecs([at, 4]), offset, result),
      guest.call('fd_filestat_set_size', fd, offset),
    ]);
    expect(results).toEqual(Array(4).fill(['SUCCESS', 0, 'EFBIG', 'EFBIG']));
    expect(guest.call('fd_allocate', fd, -1n, 1n)).toBe('EFBIG');
    expect(readFileSync(folder.path('file'), 'utf8')).toBe('abcdef');
    guest.wasi.close();
  });

  it('has an offset that can be moved from its start, itself and its end', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    expect([
      seek(guest, fd, 4n, 0),
      seek(guest, fd, -1n, 1),
      seek(guest, fd, 10n, 2),
      seek(guest, fd, 0n, 1),
      seek(guest, fd, -17n, 1),
      seek(guest, fd, 0n, 3),
      seek(guest, fd, 2n ** 62n, 0),
      seek(guest, fd, 0n, 1),
    ]).toEqual([4n, 3n, 16n, 16n, 'EINVAL', 'EINVAL', 'EINVAL', 16n]);
    const at = guest.room(8);
    expect([guest.call('fd_tell', fd, at), guest.u64(at)]).toEqual(['SUCCESS', 16n]);
    guest.wasi.close();
  });

  it('for appending is written at its end, also when somebody else wrote there', () => {
    using folder = new Folder();
    folder.file('file', 'abc');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file', 1);
    expect(guest.write(fd, 'd')).toBe('SUCCESS');
    writeFileSync(folder.path('file'), 'XYZ', { flag: 'a' });
    guest.write(fd, 'e');
    const at = guest.room(8);
    guest.call('fd_tell', fd, at);
    expect([readFileSync(folder.path('file'), 'utf8'), guest.u64(at)]).toEqual(['abcdXYZe', 8n]);
    guest.wasi.close();
  });

  it('can change its flags while it is open, even when it has no name any more', () => {
    using folder = new Folder();
    folder.file('file', 'abc');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    guest.call('path_unlink_file', 3, ...guest.put('file'));
    folder.file('file', 'another');
    expect(guest.call('fd_fdstat_set_flags', fd, 1 | 2 | 4 | 8 | 16)).toBe('SUCCESS');
    guest.write(fd, 'd');
    expect(guest.call('fd_fdstat_set_flags', fd, 0)).toBe('SUCCESS');
    seek(guest, fd, 0n, 0);
    guest.write(fd, 'A');
    seek(guest, fd, 0n, 0);
    expect([guest.read(fd, 9), readFileSync(folder.path('file'), 'utf8')]).toEqual(['Abcd', 'another']);
    expect(guest.call('fd_fdstat_set_flags', fd, 32)).toBe('EINVAL');
    guest.wasi.close();
  });

  it('can be made longer and shorter', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    const size = (): number => statSync(folder.path('file')).size;
    expect([guest.call('fd_filestat_set_size', fd, 3n), size()]).toEqual(['SUCCESS', 3]);
    expect([guest.call('fd_allocate', fd, 4n, 6n), size()]).toEqual(['SUCCESS', 10]);
    expect([guest.call('fd_allocate', fd, 0n, 5n), size()]).toEqual(['SUCCESS', 10]);
    expect([guest.call('fd_allocate', fd, 20n, 0n), size()]).toEqual(['EINVAL', 10]);
    expect(guest.read(fd, 20)).toBe(`abc${'\0'.repeat(7)}`);
    guest.wasi.close();
  });

  it('is told apart from a directory by every function over bytes', () => {
    using folder = new Folder();
    folder.file('file', 'x');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    const at = guest.room(64);
    expect([guest.read(3, 1), guest.write(3, 'x'), seek(guest, 3, 0n, 0)]).toEqual([
      'EISDIR',
      'EISDIR',
      'EISDIR',
    ]);
    expect([
      guest.call('fd_readdir', fd, at, 64, 0n, guest.room(4)),
      guest.open('x', { at: fd }),
      guest.open('x', { at: 1 }),
      guest.call('path_unlink_file', fd, ...guest.put('x')),
    ]).toEqual(['ENOTDIR', 'ENOTDIR', 'ENOTDIR', 'ENOTDIR']);
    guest.wasi.close();
  });

  it('takes advice, and says when it is none', () => {
    using folder = new Folder();
    folder.file('file', 'x');
    const guest = new Guest(grantOf(folder));
    const fd = edit(guest, 'file');
    expect([5, 6, -1].map((advice) => guest.call('fd_advise', fd, 0n, 0n, advice))).toEqual([
      'SUCCESS',
      'EINVAL',
      'EINVAL',
    ]);
    expect([guest.call('fd_sync', fd), guest.call('fd_datasync', fd), guest.call('fd_sync', 3)]).toEqual([
      'SUCCESS',
      'SUCCESS',
      'SUCCESS',
    ]);
    guest.wasi.close();
  });
});

describe('attributes', () => {
  const filestat = (guest: Guest, name: string, ...parameters: (number | bigint)[]): unknown => {
    const at = guest.room(64);
    const error = guest.call(name, ...parameters, at);
    if (error !== 'SUCCESS') return error;
    const [dev, ino, type, links, size, ...times] = Array.from({ length: 8 }, (_, i) =>
      guest.u64(at + i * 8),
    );
    return { dev, ino, type, links, size, times };
  };

  it('are those of the host, to the nanosecond', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    symlinkSync('file', folder.path('link'));
    utimesSync(folder.path('file'), 1.5, 2.25);
    lutimesSync(folder.path('link'), 3, 4);
    const guest = new Guest(grantOf(folder));
    const stat = statSync(folder.path('file'), { bigint: true });
    const expected = {
      dev: stat.dev,
      ino: stat.ino,
      type: 4n,
      links: 1n,
      size: 6n,
      times: [1_500_000_000n, 2_250_000_000n, stat.ctimeNs],
    };
    expect(filestat(guest, 'path_filestat_get', 3, 0, ...guest.put('file'))).toEqual(expected);
    expect(filestat(guest, 'path_filestat_get', 3, 1, ...guest.put('link'))).toEqual(expected);
    expect(filestat(guest, 'fd_filestat_get', guest.opened('file'))).toEqual(expected);
    expect(filestat(guest, 'path_filestat_get', 3, 0, ...guest.put('link'))).toMatchObject({
      type: 7n,
      size: 4n,
      // Following a link is reading it.
      times: [expect.any(BigInt), 4_000_000_000n, expect.any(BigInt)],
    });
    expect(filestat(guest, 'fd_filestat_get', 3)).toMatchObject({
      type: 3n,
      ino: statSync(folder.inside, { bigint: true }).ino,
    });
    expect(filestat(guest, 'path_filestat_get', 3, 1, ...guest.put('.'))).toMatchObject({ type: 3n });
    expect(filestat(guest, 'path_filestat_get', 3, 1, ...guest.put('missing'))).toBe('ENOENT');
    expect(filestat(guest, 'path_filestat_get', 3, 1, ...guest.put('file/'))).toBe('ENOTDIR');
    guest.wasi.close();
  });

  it('that are times can be set, one or both, of files, directories and links', () => {
    using folder = new Folder();
    folder.file('file', '');
    symlinkSync('file', folder.path('link'));
    utimesSync(folder.path('file'), 10, 20);
    lutimesSync(folder.path('link'), 30, 40);
    const clock = new FakeClock();
    const guest = new Guest(grantOf(folder), { host: { clock } });
    const timesOf = (fd: number, ...path: string[]): unknown => {
      const stat =
        path.length === 0
          ? filestat(guest, 'fd_filestat_get', fd)
          : filestat(guest, 'path_filestat_get', 3, 0, ...guest.put(path[0] as string));
      return (stat as { times: bigint[] }).times.slice(0, 2);
    };
    const now = BigInt(clock.now()) * 1_000_000n;
    const fd = guest.opened('file');

    expect(guest.call('fd_filestat_set_times', fd, 1_500_000_000n, 9n, 1)).toBe('SUCCESS');
    expect(timesOf(fd)).toEqual([1_500_000_000n, 20_000_000_000n]);
    expect(guest.call('fd_filestat_set_times', fd, 9n, 9n, 8)).toBe('SUCCESS');
    expect(timesOf(fd)).toEqual([1_500_000_000n, now]);
    expect(guest.call('fd_filestat_set_times', fd, 9n, 9n, 0)).toBe('SUCCESS');
    expect(timesOf(fd)).toEqual([1_500_000_000n, now]);
    expect(guest.call('fd_filestat_set_times', 3, 1_000_000_000n, 9n, 1 | 8)).toBe('SUCCESS');
    expect(timesOf(3)).toEqual([1_000_000_000n, now]);

    const link = guest.put('link');
    expect(guest.call('path_filestat_set_times', 3, 0, ...link, 5_000_000_000n, 6_000_000_000n, 5)).toBe(
      'SUCCESS',
    );
    expect(timesOf(3, 'link')).toEqual([5_000_000_000n, 6_000_000_000n]);
    expect(guest.call('path_filestat_set_times', 3, 1, ...link, 7_000_000_000n, 8_000_000_000n, 5)).toBe(
      'SUCCESS',
    );
    expect(timesOf(fd)).toEqual([7_000_000_000n, 8_000_000_000n]);
    // Following a link is reading it.
    expect(timesOf(3, 'link')).toEqual([expect.any(BigInt), 6_000_000_000n]);

    expect([3, 12, 16].map((flags) => guest.call('fd_filestat_set_times', fd, 0n, 0n, flags))).toEqual(
      Array(3).fill('EINVAL'),
    );
    expect(guest.call('path_filestat_set_times', 3, 0, ...guest.put('missing'), 0n, 0n, 5)).toBe('ENOENT');
    guest.wasi.close();
  });

  it('do not tell a plugin the time that it may not read', () => {
    using folder = new Folder();
    folder.file('file', '');
    utimesSync(folder.path('file'), 10, 20);
    const guest = new Guest({ ...grantOf(folder), clock: 'none' });
    expect(guest.call('fd_filestat_set_times', guest.opened('file'), 0n, 0n, 8)).toBe('ENOTCAPABLE');
    expect(statSync(folder.path('file')).mtimeMs).toBe(20_000);
    guest.wasi.close();
  });
});

describe('opening', () => {
  const [CREAT, DIRECTORY, EXCL, TRUNC] = [1, 2, 4, 8] as const;

  it('creates, truncates or insists on a new file, as it is told', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    const how = { rights: READ_WRITE };
    expect(guest.open('new')).toBe('ENOENT');
    expect(guest.write(guest.opened('new', { ...how, oflags: CREAT }), 'made')).toBe('SUCCESS');
    expect(guest.contents('new')).toBe('made');
    expect(guest.open('new', { ...how, oflags: CREAT | EXCL })).toBe('EEXIST');
    expect(guest.read(guest.opened('file', { ...how, oflags: CREAT }), 9)).toBe('text');
    // Truncates without the right to write: that of the directory decides.
    expect(guest.write(guest.opened('file', { oflags: TRUNC }), 'x')).toBe('ENOTCAPABLE');
    expect(guest.contents('file')).toBe('');
    expect(guest.open('other', { oflags: CREAT | EXCL })).toBeTypeOf('number');
    expect(existsSync(folder.path('other'))).toBe(true);
    guest.wasi.close();
  });

  it('tells files and directories apart', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    const guest = new Guest(grantOf(folder));
    guest.call('path_create_directory', 3, ...guest.put('dir'));
    expect([
      guest.open('file', { oflags: DIRECTORY }),
      guest.open('file/'),
      guest.open('file/.'),
      guest.open('file/..'),
      guest.open('file/x'),
      guest.open('dir', { rights: READ_WRITE }),
      guest.open('dir', { oflags: CREAT }),
      guest.open('dir', { oflags: TRUNC }),
      guest.open('new/', { oflags: CREAT }),
      guest.open('new', { oflags: CREAT | DIRECTORY }),
      guest.open('dir', { oflags: 16 }),
      guest.open('dir', { flags: 32 }),
    ]).toEqual([
      'ENOTDIR',
      'ENOTDIR',
      'ENOTDIR',
      'ENOTDIR',
      'ENOTDIR',
      'EISDIR',
      'EISDIR',
      'EISDIR',
      'EISDIR',
      'EINVAL',
      'EINVAL',
      'EINVAL',
    ]);
    for (const path of ['dir', 'dir/', 'dir///', './dir/.', 'dir/..', '.', './', 'dir//../dir']) {
      expect([path, guest.open(path, { oflags: DIRECTORY })]).toEqual([path, expect.any(Number)]);
    }
    expect(existsSync(folder.path('new'))).toBe(false);
    guest.wasi.close();
  });

  it('takes names of any bytes but slash and NUL, and lists them as they are', () => {
    using folder = new Folder();
    const guest = new Guest(grantOf(folder));
    const name = new Uint8Array([0xff, 0x20, 0xc3, 0x0a, 0x80]);
    const fd = guest.opened(name, { oflags: CREAT, rights: READ_WRITE });
    guest.write(fd, 'odd');
    expect(guest.names(3)).toEqual(['.', '..', Buffer.from(name).toString('latin1')]);
    expect(guest.read(guest.opened(name), 9)).toBe('odd');
    expect(guest.call('path_unlink_file', 3, ...guest.put(name))).toBe('SUCCESS');
    expect(guest.names(3)).toEqual(['.', '..']);
    guest.wasi.close();
  });
});

describe('a listing', () => {
  it('has . and .. and every name with its inode and type', () => {
    using folder = new Folder();
    folder.file('file', '');
    symlinkSync('file', folder.path('link'));
    const guest = new Guest(grantOf(folder));
    const [at, result] = [guest.room(512), guest.room(4)];
    expect(guest.call('fd_readdir', 3, at, 512, 0n, result)).toBe('SUCCESS');
    const entries: unknown[] = [];
    for (let next = at; next < at + guest.u32(result); next += 24 + guest.u32(next + 16)) {
      const name = guest.text(next + 24, guest.u32(next + 16));
      entries.push([guest.u64(next), guest.u64(next + 8), guest.u32(next + 20), name]);
    }
    const ino = statSync(folder.path('file'), { bigint: true }).ino;
    const [own, parent, ...rest] = entries as [bigint, bigint, number, string][];
    expect(own).toEqual([1n, statSync(folder.inside, { bigint: true }).ino, 3, '.']);
    expect(parent).toEqual([2n, 0n, 3, '..']);
    expect(rest.map(([next]) => next)).toEqual([3n, 4n]);
    expect(rest.map(([, , type, name]) => [name, type]).sort()).toEqual([
      ['file', 4],
      ['link', 7],
    ]);
    expect(rest.find(([, , , name]) => name === 'file')?.[1]).toBe(ino);
    guest.wasi.close();
  });

  it.each([1, 23, 24, 25, 32, 33, 64, 100, 4096])('is the same in buffers of %i bytes', (size) => {
    using folder = new Folder();
    const names = Array.from({ length: 40 }, (_, index) => `${'n'.repeat(index % 9)}${index}`);
    for (const name of names) folder.file(name, '');
    const guest = new Guest(grantOf(folder));
    const expected = ['.', '..', ...names].sort();
    if (size < 34) expect(() => guest.names(3, size)).toThrow('no entry fits the buffer');
    else expect((guest.names(3, size) as string[]).sort()).toEqual(expected);
    guest.wasi.close();
  });

  it('cuts the last entry anywhere, fills the buffer, and then goes on with it', () => {
    using folder = new Folder();
    folder.file('name', '');
    const guest = new Guest(grantOf(folder));
    const [whole, part, result] = [guest.room(128), guest.room(128), guest.room(4)];
    guest.call('fd_readdir', 3, whole, 128, 0n, result);
    const total = guest.u32(result);
    expect(total).toBe(25 + 26 + 28);
    for (let size = 0; size <= total; size++) {
      expect(guest.call('fd_readdir', 3, part, size, 0n, result)).toBe('SUCCESS');
      expect(guest.u32(result)).toBe(size);
      expect(guest.bytes(part, size)).toEqual(guest.bytes(whole, size));
    }
    guest.call('fd_readdir', 3, part, total + 1, 0n, result);
    expect(guest.u32(result)).toBe(total);
    for (const cookie of [3n, 4n, 2n ** 53n, -1n]) {
      guest.call('fd_readdir', 3, part, 64, cookie, result);
      expect(guest.u32(result)).toBe(0);
    }
    guest.call('fd_readdir', 3, part, 64, 1n, result);
    expect(guest.bytes(part, 54)).toEqual(guest.bytes(whole + 25, 54));
    guest.wasi.close();
  });

  it('that is begun anew shows what is there by then, and can be read while files are removed', () => {
    using folder = new Folder();
    for (let index = 0; index < 100; index++) folder.file(`file${index + 100}`, '');
    const guest = new Guest(grantOf(folder));
    const [at, result] = [guest.room(60), guest.room(4)];
    let removed = 0;
    for (let cookie = 2n; ; ) {
      expect(guest.call('fd_readdir', 3, at, 60, cookie, result)).toBe('SUCCESS');
      if (guest.u32(result) === 0) break;
      const name = guest.text(at + 24, guest.u32(at + 16));
      expect(guest.call('path_unlink_file', 3, ...guest.put(name))).toBe('SUCCESS');
      removed += 1;
      cookie = guest.u64(at);
    }
    expect([removed, guest.names(3)]).toEqual([100, ['.', '..']]);
    folder.file('fresh', '');
    expect(guest.names(3)).toEqual(['.', '..', 'fresh']);
    guest.wasi.close();
  });

  it('shows the file as it is now, whoever changed it', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest(grantOf(folder));
    const fd = guest.opened('file');
    truncateSync(folder.path('file'), 2);
    expect(guest.read(fd, 9)).toBe('ab');
    guest.wasi.close();
  });
});

import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Folder, SECRET } from '../../test/wasi/folder.ts';
import { Guest, READ_WRITE } from '../../test/wasi/guest.ts';
import { HostDirectory } from './files/host-directory.ts';

const grantOf = (folder: Folder, readOnly = false) => ({
  directories: [{ host: folder.inside, guest: '/data', readOnly }],
});

// Both ways in which the host names what is in a directory.
const WAYS = [
  { way: 'through descriptors', throughDescriptors: true },
  { way: 'through paths', throughDescriptors: false },
];

function guestOf(folder: Folder, throughDescriptors = true): Guest {
  const open = HostDirectory.open;
  const spy = vi.spyOn(HostDirectory, 'open').mockImplementation((path) => open(path, throughDescriptors));
  try {
    return new Guest(grantOf(folder));
  } finally {
    spy.mockRestore();
  }
}

describe.each(WAYS)('a path, resolved $way,', ({ throughDescriptors }) => {
  it.each([
    ['..'],
    ['../outside'],
    ['../inside/file'],
    ['dir/../../outside'],
    ['dir/../..'],
    ['./dir/.././../outside'],
    ['dir/deep/../../../outside'],
    ['/'],
    ['/etc/passwd'],
    ['//etc/passwd'],
    ['up'],
    ['up/outside'],
    ['absolute'],
    ['etc/passwd'],
    ['deep-up'],
    ['dir/climb'],
    ['chain'],
    ['dir/deep/chain'],
    ['back-in/file'],
    ['proc/self/root/etc/passwd'],
  ])('does not lead out: %s', (path) => {
    using folder = new Folder();
    folder.file('file', 'fine');
    mkdirSync(folder.path('dir/deep'), { recursive: true });
    symlinkSync('..', folder.path('up'));
    symlinkSync(folder.outside, folder.path('absolute'));
    symlinkSync('/etc', folder.path('etc'));
    symlinkSync('dir/../../outside', folder.path('deep-up'));
    symlinkSync('../../outside', folder.path('dir/climb'));
    symlinkSync('link1', folder.path('chain'));
    symlinkSync('dir/link2', folder.path('link1'));
    symlinkSync('../up/outside', folder.path('dir/link2'));
    symlinkSync('../../chain', folder.path('dir/deep/chain'));
    symlinkSync('../inside', folder.path('back-in'));
    symlinkSync('/proc', folder.path('proc'));
    const guest = guestOf(folder, throughDescriptors);
    const [name, length] = guest.put(path);
    const results = {
      open: guest.open(path),
      create: guest.open(path, { oflags: 1, rights: READ_WRITE }),
      stat: guest.call('path_filestat_get', 3, 1, name, length, guest.room(64)),
      times: guest.call('path_filestat_set_times', 3, 1, name, length, 0n, 0n, 5),
      link: guest.call('path_link', 3, 1, name, length, 3, ...guest.put('stolen')),
    };
    expect(results).toEqual({
      open: 'ENOTCAPABLE',
      create: 'ENOTCAPABLE',
      stat: 'ENOTCAPABLE',
      times: 'ENOTCAPABLE',
      link: 'ENOTCAPABLE',
    });
    expect(existsSync(folder.path('stolen'))).toBe(false);
    guest.wasi.close();
  });

  it('may go up and down, and through links, as long as it stays inside', () => {
    using folder = new Folder();
    folder.file('file', 'fine');
    mkdirSync(folder.path('a/b'), { recursive: true });
    symlinkSync('../../file', folder.path('a/b/up'));
    symlinkSync('a/b', folder.path('down'));
    symlinkSync('down/../b/up', folder.path('both'));
    symlinkSync('./a/./b/', folder.path('slashes'));
    const guest = guestOf(folder, throughDescriptors);
    for (const path of [
      'a/b/../../file',
      'a/b/up',
      'down/up',
      'both',
      'down/../../file',
      './/file',
      'slashes/up',
    ]) {
      expect([path, guest.contents(path)]).toEqual([path, 'fine']);
    }
    guest.wasi.close();
  });

  it('from a directory that the guest has opened does not leave that one', () => {
    using folder = new Folder();
    folder.file('file', 'fine');
    mkdirSync(folder.path('dir'));
    symlinkSync('../file', folder.path('dir/link'));
    const guest = guestOf(folder, throughDescriptors);
    const at = guest.opened('dir');
    expect([guest.open('../file', { at }), guest.open('link', { at }), guest.contents('dir/link')]).toEqual([
      'ENOTCAPABLE',
      'ENOTCAPABLE',
      'fine',
    ]);
    guest.wasi.close();
  });

  it('follows forty links and no more', () => {
    using folder = new Folder();
    folder.file('link0', 'fine');
    for (let index = 1; index <= 41; index++) symlinkSync(`link${index - 1}`, folder.path(`link${index}`));
    symlinkSync('loop', folder.path('loop'));
    symlinkSync('loop2/x', folder.path('loop2'));
    const guest = guestOf(folder, throughDescriptors);
    expect([guest.contents('link40'), guest.open('link41'), guest.open('loop'), guest.open('loop2')]).toEqual(
      ['fine', 'ELOOP', 'ELOOP', 'ELOOP'],
    );
    expect([guest.open('link1', { follow: false }), guest.open('loop/x')]).toEqual(['ELOOP', 'ELOOP']);
    guest.wasi.close();
  });

  it('is as deep as directories are held open for it, and no deeper', () => {
    using folder = new Folder();
    const deep = Array.from({ length: 129 }, () => 'd');
    mkdirSync(folder.path(deep.join('/')), { recursive: true });
    const guest = guestOf(folder, throughDescriptors);
    const before = readdirSync('/proc/self/fd').length;
    expect(guest.open(`${deep.slice(0, 128).join('/')}/d`)).toBe(4);
    expect(guest.open(`${deep.join('/')}/x`)).toBe('ENAMETOOLONG');
    expect(guest.open('d/../'.repeat(500))).toBe(5);
    expect(readdirSync('/proc/self/fd').length).toBe(before + 2);
    guest.wasi.close();
  });

  it('does not make or follow links that lead out', () => {
    using folder = new Folder();
    mkdirSync(folder.path('dir'));
    const guest = guestOf(folder, throughDescriptors);
    const symlink = (text: string, path: string): string =>
      guest.call('path_symlink', ...guest.put(text), 3, ...guest.put(path));
    expect([
      symlink('/etc', 'etc'),
      symlink('..', 'up'),
      symlink('../x', 'up'),
      symlink('dir/../../x', 'up'),
      symlink('../../x', 'dir/up'),
      symlink('x', 'dir/'),
      symlink('x', 'missing/up'),
    ]).toEqual([
      'ENOTCAPABLE',
      'ENOTCAPABLE',
      'ENOTCAPABLE',
      'ENOTCAPABLE',
      'ENOTCAPABLE',
      'ENOENT',
      'ENOENT',
    ]);
    expect([symlink('../x', 'dir/fine'), symlink('dir/../x', 'fine'), symlink('x', 'fine')]).toEqual([
      'SUCCESS',
      'SUCCESS',
      'EEXIST',
    ]);
    // Moved up, the link leads out for programs of the host. For us it does not.
    expect(guest.call('path_rename', 3, ...guest.put('dir/fine'), 3, ...guest.put('moved'))).toBe('SUCCESS');
    expect([readlinkSync(folder.path('moved')), guest.open('moved')]).toEqual(['../x', 'ENOTCAPABLE']);
    guest.wasi.close();
  });

  it('does not let anything be moved, linked, removed or made outside', () => {
    using folder = new Folder();
    folder.file('file', 'fine');
    symlinkSync('..', folder.path('up'));
    const guest = guestOf(folder, throughDescriptors);
    const file = guest.put('file');
    for (const path of ['../stolen', 'up/stolen', '/tmp/stolen']) {
      const out = guest.put(path);
      expect([
        path,
        guest.call('path_rename', 3, ...file, 3, ...out),
        guest.call('path_rename', 3, ...out, 3, ...file),
        guest.call('path_link', 3, 0, ...file, 3, ...out),
        guest.call('path_link', 3, 0, ...out, 3, ...guest.put('new')),
        guest.call('path_symlink', ...guest.put('x'), 3, ...out),
        guest.call('path_create_directory', 3, ...out),
        guest.call('path_unlink_file', 3, ...out),
        guest.call('path_remove_directory', 3, ...out),
        guest.call('path_readlink', 3, ...out, guest.room(8), 8, guest.room(4)),
      ]).toEqual([path, ...Array(9).fill('ENOTCAPABLE')]);
    }
    // Without following, the link itself is what is meant.
    expect(guest.call('path_link', 3, 0, ...guest.put('up'), 3, ...guest.put('up2'))).toBe('SUCCESS');
    expect(guest.call('path_unlink_file', 3, ...guest.put('up'))).toBe('SUCCESS');
    // The directory itself is not the guest's to remove or move.
    expect([
      guest.call('path_remove_directory', 3, ...guest.put('.')),
      guest.call('path_rename', 3, ...guest.put('.'), 3, ...guest.put('x')),
      guest.call('path_unlink_file', 3, ...guest.put('.')),
      guest.call('path_create_directory', 3, ...guest.put('.')),
    ]).toEqual(['EINVAL', 'EBUSY', 'EISDIR', 'EEXIST']);
    expect(readdirSync(folder.base).sort()).toEqual(['elsewhere', 'inside', 'outside']);
    expect(readdirSync(folder.inside).sort()).toEqual(['file', 'up2']);
    guest.wasi.close();
  });
});

describe('a directory that somebody else moves away', () => {
  it('stays the one that was granted, wherever it is', () => {
    using folder = new Folder();
    folder.file('file', 'fine');
    const guest = guestOf(folder);
    renameSync(folder.inside, join(folder.base, 'moved'));
    symlinkSync('elsewhere', folder.inside);
    expect([guest.contents('file'), guest.open('outside')]).toEqual(['fine', 'ENOENT']);
    guest.wasi.close();
  });

  it('is lost where directories have no path through their descriptors, and nothing takes its place', () => {
    using folder = new Folder();
    folder.file('file', 'fine');
    const guest = guestOf(folder, false);
    renameSync(folder.inside, join(folder.base, 'moved'));
    symlinkSync('elsewhere', folder.inside);
    expect([guest.open('file'), guest.open('outside'), guest.names(3)]).toEqual([
      'ESTALE',
      'ESTALE',
      'ESTALE',
    ]);
    guest.wasi.close();
  });
});

describe('a directory that somebody else replaces by a link, just before what is in it is opened,', () => {
  // Between the look at the directory's path and the use of a path in it.
  const swapAfterLook = (folder: Folder): (() => void) => {
    const at = HostDirectory.prototype.at;
    const spy = vi.spyOn(HostDirectory.prototype, 'at').mockImplementation(function (
      this: HostDirectory,
      name,
    ) {
      const path = at.call(this, name);
      if (name === 'sub') {
        renameSync(folder.path('dir'), join(folder.base, 'moved'));
        symlinkSync(folder.elsewhere, folder.path('dir'));
      }
      return path;
    });
    return () => spy.mockRestore();
  };

  it.each([
    { ...WAYS[0], outcome: 'fine' },
    { ...WAYS[1], outcome: 'ESTALE' },
  ])('does not lead out, resolved $way', ({ throughDescriptors, outcome }) => {
    using folder = new Folder();
    mkdirSync(folder.path('dir/sub'), { recursive: true });
    folder.file('dir/sub/outside', 'fine');
    mkdirSync(join(folder.elsewhere, 'sub'));
    writeFileSync(join(folder.elsewhere, 'sub', 'outside'), SECRET);
    const guest = guestOf(folder, throughDescriptors);
    const restore = swapAfterLook(folder);
    try {
      expect(guest.contents('dir/sub/outside')).toBe(outcome);
    } finally {
      restore();
    }
    guest.wasi.close();
  });
});

describe('a race', () => {
  // Another process swaps a directory and a file for links that lead out, as fast as it can, while the guest opens them.
  it('between a guest and whoever swaps what it opens never shows it the outside', async () => {
    using folder = new Folder();
    mkdirSync(folder.path('dir'));
    folder.file('dir/outside', 'fine');
    folder.file('file', 'fine');
    symlinkSync(folder.elsewhere, folder.path('dir.link'));
    symlinkSync(folder.outside, folder.path('file.link'));
    const script = `
      const { renameSync } = require('node:fs');
      process.chdir(${JSON.stringify(folder.inside)});
      const swap = (name) => {
        renameSync(name, name + '.own'); renameSync(name + '.link', name);
        renameSync(name, name + '.link'); renameSync(name + '.own', name);
      };
      process.stdout.write('ready');
      process.on('disconnect', () => process.exit(0));
      const round = () => { for (let i = 0; i < 500; i++) { swap('dir'); swap('file'); } setImmediate(round); };
      round();`;
    const swapper = spawn(process.execPath, ['--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    try {
      await new Promise((resolve) => swapper.stdout?.once('data', resolve));
      const guest = guestOf(folder);
      const path = guest.put('dir/outside');
      const file = guest.put('file');
      const [made, madeLength] = guest.put('dir/made');
      const [stat, fd] = [guest.room(64), guest.room(4)];
      const [at, length] = [guest.room(32), 32];
      const iovecs = guest.iovecs([at, length]);
      const seen = new Map<string, number>();
      const met = (outcome: string): boolean => (seen.get(outcome) ?? 0) > 100;
      // Longer only on a machine too busy for the two to meet.
      const more = (round: number): boolean => round < 400_000 && !(met('fine') && met('ENOTCAPABLE'));
      for (let round = 0; round < 20_000 || more(round); round++) {
        const [name, size] = round % 2 === 0 ? path : file;
        // Links are followed, so that a walk that trusts what it saw would be led out.
        const error = guest.call('path_open', 3, 1, name, size, 0, 2n, 0n, 0, fd);
        let outcome = error;
        if (error === 'SUCCESS') {
          guest.call('fd_read', guest.u32(fd), ...iovecs, stat);
          outcome = guest.text(at, guest.u32(stat));
          guest.call('fd_close', guest.u32(fd));
        }
        if (guest.call('path_filestat_get', 3, 1, name, size, stat) === 'SUCCESS') {
          expect(guest.u64(stat + 32)).toBe(4n);
        }
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        if (guest.call('path_open', 3, 1, made, madeLength, 1, 64n, 0n, 0, fd) === 'SUCCESS') {
          guest.call('fd_close', guest.u32(fd));
        }
        guest.call('path_create_directory', 3, made, madeLength);
      }
      guest.wasi.close();
      expect([...seen.keys()].filter((outcome) => outcome.includes(SECRET))).toEqual([]);
      expect(readdirSync(folder.elsewhere)).toEqual(['outside']);
      // Both sides of the swap were met, or nothing was proven.
      expect([met('fine'), met('ENOTCAPABLE')]).toEqual([true, true]);
    } finally {
      const ended = new Promise((resolve) => swapper.once('exit', resolve));
      swapper.kill('SIGKILL');
      await ended;
    }
  });
});

describe('what is neither file nor directory', () => {
  it('is not opened, and nobody waits for it', async () => {
    using folder = new Folder();
    execFileSync('mkfifo', [folder.path('fifo')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(folder.path('socket'), resolve));
    symlinkSync('fifo', folder.path('link'));
    const guest = guestOf(folder);
    const results = ['fifo', 'socket', 'link'].map((path) => [
      guest.open(path),
      guest.open(path, { rights: READ_WRITE }),
      guest.open(path, { rights: 64n, oflags: 1 | 8, flags: 4 }),
      guest.open(path, { oflags: 2 }),
    ]);
    expect(results).toEqual(Array(3).fill(['ENOTSUP', 'ENOTSUP', 'ENOTSUP', 'ENOTDIR']));
    const stat = guest.room(64);
    const types = ['fifo', 'socket'].map((path) => {
      expect(guest.call('path_filestat_get', 3, 0, ...guest.put(path), stat)).toBe('SUCCESS');
      return guest.view.getUint8(stat + 16);
    });
    expect(types).toEqual([0, 6]);
    guest.wasi.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is not opened when it takes the place of a file in the last moment', () => {
    using folder = new Folder();
    folder.file('file', 'fine');
    execFileSync('mkfifo', [folder.path('fifo')]);
    const guest = guestOf(folder);
    const lstat = HostDirectory.prototype.lstat;
    const spy = vi.spyOn(HostDirectory.prototype, 'lstat').mockImplementation(function (
      this: HostDirectory,
      name,
    ) {
      const stat = lstat.call(this, name);
      renameSync(folder.path('fifo'), folder.path('file'));
      return stat;
    });
    try {
      expect(guest.open('file')).toBe('ENOTSUP');
      expect(spy).toHaveBeenCalledTimes(1);
    } finally {
      spy.mockRestore();
    }
    guest.wasi.close();
  });
});

describe('a read-only directory', () => {
  it('can be read', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    mkdirSync(folder.path('dir'));
    const guest = new Guest(grantOf(folder, true));
    expect(guest.contents('file')).toBe('text');
    expect((guest.names(3) as string[]).sort()).toEqual(['.', '..', 'dir', 'file']);
    // To create what is there is to open it.
    expect(guest.read(guest.opened('file', { oflags: 1 }), 9)).toBe('text');
    expect(guest.open('file', { oflags: 1 | 4 })).toBe('EEXIST');
    guest.wasi.close();
  });

  it('cannot be changed, in any way there is, from it or from a directory in it', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    mkdirSync(folder.path('dir'));
    folder.file('dir/file', 'text');
    mkdirSync(folder.path('dir/empty'));
    symlinkSync('file', folder.path('dir/link'));
    const guest = new Guest({
      directories: [
        { host: folder.inside, guest: '/data', readOnly: true },
        { host: folder.elsewhere, guest: '/own' },
      ],
    });
    const own = 4;
    const dir = guest.opened('dir', { inheriting: READ_WRITE });
    const file = guest.opened('file');
    const name = guest.put('file');
    const other = guest.put('new');
    const results = [3, dir].flatMap((at) => [
      guest.open('file', { at, rights: READ_WRITE }),
      guest.open('file', { at, rights: 64n, flags: 1 }),
      guest.open('file', { at, oflags: 8 }),
      guest.open('new', { at, oflags: 1 }),
      guest.call('path_create_directory', at, ...other),
      guest.call('path_filestat_set_times', at, 0, ...name, 0n, 0n, 5),
      guest.call('path_link', at, 0, ...name, at, ...other),
      guest.call('path_link', own, 0, ...guest.put('outside'), at, ...other),
      // Through a second name elsewhere the file could be changed.
      guest.call('path_link', at, 0, ...name, own, ...other),
      guest.call('path_rename', at, ...name, at, ...other),
      guest.call('path_rename', at, ...name, own, ...other),
      guest.call('path_rename', own, ...guest.put('outside'), at, ...other),
      guest.call('path_symlink', ...name, at, ...other),
      guest.call('path_unlink_file', at, ...name),
      guest.call('path_remove_directory', at, ...guest.put('empty')),
      guest.call('fd_filestat_set_times', at, 0n, 0n, 5),
    ]);
    expect(results).toEqual(Array(32).fill('EROFS'));
    expect([
      guest.call('fd_filestat_set_size', file, 0n),
      guest.call('fd_filestat_set_times', file, 0n, 0n, 5),
      guest.call('fd_allocate', file, 0n, 100n),
      guest.write(file, 'x'),
      guest.call('fd_pwrite', file, ...guest.iovecs(name), 0n, guest.room(4)),
    ]).toEqual(['EROFS', 'EROFS', 'EROFS', 'ENOTCAPABLE', 'ENOTCAPABLE']);
    expect(guest.call('fd_fdstat_set_flags', file, 1)).toBe('SUCCESS');
    expect(guest.write(file, 'x')).toBe('ENOTCAPABLE');
    expect([readFileSync(folder.path('file'), 'utf8'), readdirSync(folder.elsewhere)]).toEqual([
      'text',
      ['outside'],
    ]);
    expect(readdirSync(folder.inside, { recursive: true }).sort()).toEqual([
      'dir',
      'dir/empty',
      'dir/file',
      'dir/link',
      'file',
    ]);
    guest.wasi.close();
  });
});

describe('two directories', () => {
  it('can be moved and linked between, when both may be changed', () => {
    using folder = new Folder();
    folder.file('file', 'text');
    writeFileSync(join(folder.elsewhere, 'other'), 'other');
    const guest = new Guest({
      directories: [
        { host: folder.inside, guest: '/a' },
        { host: folder.elsewhere, guest: '/b' },
      ],
    });
    expect(guest.call('path_rename', 3, ...guest.put('file'), 4, ...guest.put('moved'))).toBe('SUCCESS');
    expect(guest.call('path_link', 4, 0, ...guest.put('other'), 3, ...guest.put('linked'))).toBe('SUCCESS');
    expect([readdirSync(folder.inside), readdirSync(folder.elsewhere).sort()]).toEqual([
      ['linked'],
      ['moved', 'other', 'outside'],
    ]);
    guest.wasi.close();
  });

  it('that the host has linked hard are one file, which a guest cannot know', () => {
    using folder = new Folder();
    linkSync(folder.outside, folder.path('hard'));
    const guest = guestOf(folder);
    // Documented: a hard link is no way out, it is a second name that the host itself has put inside.
    expect(guest.contents('hard')).toBe(SECRET);
    guest.wasi.close();
  });
});

import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder } from '../../test/wasi/folder.ts';
import { Guest } from '../../test/wasi/guest.ts';

const OLD = { namespace: 'wasi_unstable' };

describe('the version before preview 1', () => {
  it('writes and exits as every old module does', () => {
    const guest = new Guest({ args: ['a'] }, OLD);
    expect(guest.write(1, 'hello\n')).toBe('SUCCESS');
    expect(guest.lines).toEqual(['stdout: hello']);
    expect(() => guest.call('proc_exit', 3)).toThrow(expect.objectContaining({ code: 3 }));
  });

  it('counts from where it was, from the end and from the start, in this order', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest({ directories: [{ host: folder.inside, guest: '/' }] }, OLD);
    const fd = guest.opened('file');
    guest.read(fd, 2);
    const at = guest.room(8);
    const offsets = [0, 1, 2].map((whence) => {
      expect(guest.call('fd_seek', fd, 1n, whence, at)).toBe('SUCCESS');
      return guest.u64(at);
    });
    expect([offsets, guest.call('fd_seek', fd, 0n, 3, at)]).toEqual([[3n, 7n, 1n], 'EINVAL']);
    guest.wasi.close();
  });

  it('has attributes of 56 bytes, with the links in 32 bits', () => {
    using folder = new Folder();
    folder.file('file', 'abcdef');
    const guest = new Guest({ directories: [{ host: folder.inside, guest: '/' }] }, OLD);
    const stat = statSync(folder.path('file'), { bigint: true });
    const read = (...call: [string, ...number[]]): unknown[] => {
      const at = guest.room(64);
      expect(guest.call(...call, at)).toBe('SUCCESS');
      return [
        guest.u64(at),
        guest.u64(at + 8),
        guest.u32(at + 16),
        guest.u32(at + 20),
        ...[24, 32, 40, 48, 56].map((offset) => guest.u64(at + offset)),
      ];
    };
    const expected = [
      stat.dev,
      stat.ino,
      4,
      1,
      6n,
      stat.atimeNs,
      stat.mtimeNs,
      stat.ctimeNs,
      0xaaaa_aaaa_aaaa_aaaan,
    ];
    expect(read('path_filestat_get', 3, 0, ...guest.put('file'))).toEqual(expected);
    expect(read('fd_filestat_get', guest.opened('file'))).toEqual(expected);
    expect(guest.call('fd_filestat_get', 3, guest.size - 56)).toBe('SUCCESS');
    expect(guest.call('fd_filestat_get', 3, guest.size - 55)).toBe('EFAULT');
    guest.wasi.close();
  });

  it('names a clock in its subscription, which is longer by that', () => {
    const guest = new Guest({}, OLD);
    const [input, output, result] = [guest.room(112), guest.room(64), guest.room(4)];
    const bytes = new Uint8Array(guest.memory.buffer);
    bytes.fill(0, input, input + 112);
    const { view } = guest;
    for (const [index, timeout] of [40n, 30n].entries()) {
      const at = input + index * 56;
      view.setBigUint64(at, BigInt(index + 1), true);
      view.setBigUint64(at + 16, 99n, true);
      view.setUint32(at + 24, 1, true);
      view.setBigUint64(at + 32, timeout * 1_000_000n, true);
    }
    expect(guest.call('poll_oneoff', input, output, 2, result)).toBe('SUCCESS');
    expect([guest.slept, guest.u32(result), guest.u64(output), guest.u64(output + 8)]).toEqual([
      [30],
      1,
      2n,
      0n,
    ]);
    // A descriptor is where a clock's own name would be.
    view.setUint8(input + 8, 2);
    view.setUint32(input + 16, 1, true);
    expect(guest.call('poll_oneoff', input, output, 1, result)).toBe('SUCCESS');
    expect([guest.u64(output), guest.u32(output + 8), guest.u64(output + 16)]).toEqual([
      1n,
      2 << 16,
      65_536n,
    ]);
  });
});

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Guest } from '../../test/wasi/guest.ts';

describe('captured output', () => {
  it('comes by line, from both streams', () => {
    const guest = new Guest();
    expect(guest.write(1, 'one\ntwo\n')).toBe('SUCCESS');
    guest.write(2, 'warning\n');
    guest.write(1, '\n');
    expect(guest.lines).toEqual(['stdout: one', 'stdout: two', 'stderr: warning', 'stdout: ']);
  });

  it('is one line however it is written', () => {
    const guest = new Guest();
    const [iovecs, count] = guest.iovecs(guest.put('a'), guest.put(''), guest.put('b'), guest.put('c\nd'));
    const result = guest.room(4);
    expect(guest.call('fd_write', 1, iovecs, count, result)).toBe('SUCCESS');
    expect(guest.u32(result)).toBe(5);
    for (const letter of 'efg') guest.write(1, letter);
    expect(guest.lines).toEqual(['stdout: abc']);
    guest.write(1, '\n');
    expect(guest.lines).toEqual(['stdout: abc', 'stdout: defg']);
  });

  it('comes without its newline when the call ends', () => {
    const guest = new Guest();
    guest.write(1, 'rest');
    guest.wasi.endCall();
    guest.wasi.endCall();
    expect(guest.lines).toEqual(['stdout: rest']);
    guest.write(1, 'next\n');
    expect(guest.lines).toEqual(['stdout: rest', 'stdout: next']);
  });

  it('is kept for the line, although the guest writes over it', () => {
    const guest = new Guest();
    const [at, length] = guest.put('kept');
    const [iovecs, count] = guest.iovecs([at, length]);
    guest.call('fd_write', 1, iovecs, count, guest.room(4));
    new Uint8Array(guest.memory.buffer).fill(0x78, at, at + length);
    guest.wasi.endCall();
    expect(guest.lines).toEqual(['stdout: kept']);
  });

  it('is cut to the length that the host allows, and the guest believes it wrote all', () => {
    const guest = new Guest({}, { host: { lineBytes: 4 } });
    const [iovecs, count] = guest.iovecs(guest.put('123456'), guest.put('789\nabcd\nabcde'));
    const result = guest.room(4);
    guest.call('fd_write', 1, iovecs, count, result);
    expect(guest.u32(result)).toBe(20);
    guest.wasi.endCall();
    expect(guest.lines).toEqual(['stdout: 1234', 'stdout: abcd', 'stdout: abcd']);
  });

  it('is text whatever the bytes are', () => {
    const guest = new Guest({}, { host: { lineBytes: 3 } });
    const [iovecs, count] = guest.iovecs(
      guest.put(new Uint8Array([0xff, 0x41, 10, 0xc3, 0xa4, 0xc3, 0xa4, 10])),
    );
    guest.call('fd_write', 1, iovecs, count, guest.room(4));
    expect(guest.lines).toEqual(['stdout: \ufffdA', 'stdout: ä\ufffd']);
  });

  it('can be dropped', () => {
    const guest = new Guest({ stdout: 'drop', stderr: 'drop' });
    expect([guest.write(1, 'x\n'), guest.write(2, 'x\n')]).toEqual(['SUCCESS', 'SUCCESS']);
    guest.wasi.endCall();
    expect(guest.lines).toEqual([]);
  });

  it('can go to the streams of the process, and then arrives whole', () => {
    // In a process of its own: vitest has taken this one's.
    const script = `
      import { Guest } from ${JSON.stringify(new URL('../../test/wasi/guest.ts', import.meta.url).href)};
      // Looking at it is what makes Node set the pipe to be non-blocking.
      if (process.stdout.isTTY) throw new Error('not a pipe');
      const guest = new Guest({ stdout: 'inherit', stderr: 'inherit' });
      for (let line = 0; line < 20000; line++) {
        const [at, length] = line === 0 ? guest.put('x'.repeat(99) + '\\n') : [1024, 100];
        const [iovecs, count] = line === 0 ? guest.iovecs([at, length]) : [1128, 1];
        if (guest.call('fd_write', 1, iovecs, count, 4) !== 'SUCCESS') throw new Error('not written');
      }
      guest.write(2, 'done');`;
    const output = execFileSync(
      process.execPath,
      ['--conditions=@plugbay/source', '--input-type=module', '--eval', script],
      { encoding: 'utf8', maxBuffer: 4e6, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(output.length).toBe(2_000_000);
  });

  it('that a host refuses leaves the guest with what the host threw', () => {
    const failure = new Error('the log is full');
    const guest = new Guest(
      {},
      {
        host: {
          line: () => {
            throw failure;
          },
        },
      },
    );
    expect(() => guest.write(1, 'x\n')).toThrow(failure);
  });
});

describe('standard input', () => {
  it('is read to its end, by every instance from its start', () => {
    for (let instance = 0; instance < 2; instance++) {
      const guest = new Guest({ stdin: 'some text' });
      expect([guest.read(0, 4), guest.read(0, 100), guest.read(0, 1)]).toEqual(['some', ' text', '']);
    }
  });

  it('fills several buffers', () => {
    const guest = new Guest({ stdin: new Uint8Array([1, 2, 3, 4, 5]) });
    const [one, two] = [guest.room(2), guest.room(8)];
    const result = guest.room(4);
    guest.call('fd_read', 0, ...guest.iovecs([one, 2], [two, 8]), result);
    expect([guest.bytes(one, 3), guest.bytes(two, 4), guest.u32(result)]).toEqual([
      new Uint8Array([1, 2, 0xaa]),
      new Uint8Array([3, 4, 5, 0xaa]),
      5,
    ]);
  });

  it('is empty unless something is granted', () => {
    expect(new Guest().read(0, 10)).toBe('');
  });
});

describe('a standard stream', () => {
  it('can be used in its own direction only', () => {
    const guest = new Guest();
    expect([guest.write(0, 'x'), guest.read(1, 1), guest.read(2, 1)]).toEqual([
      'ENOTCAPABLE',
      'ENOTCAPABLE',
      'ENOTCAPABLE',
    ]);
  });

  it('that is output looks like a terminal, so that a C library writes every line at once', () => {
    const guest = new Guest();
    const at = guest.room(24);
    expect(guest.call('fd_fdstat_get', 1, at)).toBe('SUCCESS');
    // Neither seek nor tell: that is what wasi-libc takes for a terminal.
    expect([guest.bytes(at, 8), guest.u64(at + 8), guest.u64(at + 16)]).toEqual([
      new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0]),
      (1n << 6n) | (1n << 3n) | (1n << 21n) | (1n << 27n),
      0n,
    ]);
    const stat = guest.room(64);
    expect(guest.call('fd_filestat_get', 2, stat)).toBe('SUCCESS');
    expect(guest.bytes(stat, 64)).toEqual(new Uint8Array(64).fill(2, 16, 17));
  });

  it('that is the input does not, so that an interpreter does not begin a conversation', () => {
    const guest = new Guest();
    const [at, stat] = [guest.room(24), guest.room(64)];
    expect(guest.call('fd_fdstat_get', 0, at)).toBe('SUCCESS');
    expect([guest.bytes(at, 8), guest.u64(at + 8)]).toEqual([
      new Uint8Array(8),
      (1n << 1n) | (1n << 3n) | (1n << 21n) | (1n << 27n),
    ]);
    expect(guest.call('fd_filestat_get', 0, stat)).toBe('SUCCESS');
    expect(guest.bytes(stat, 64)).toEqual(new Uint8Array(64));
  });

  it('has no place', () => {
    const guest = new Guest();
    const result = guest.room(8);
    const [iovecs, count] = guest.iovecs([result, 1]);
    expect([
      guest.call('fd_seek', 1, 0n, 0, result),
      guest.call('fd_tell', 1, result),
      guest.call('fd_pread', 0, iovecs, count, 0n, result),
      guest.call('fd_pwrite', 1, iovecs, count, 0n, result),
      guest.call('fd_allocate', 1, 0n, 1n),
      guest.call('fd_advise', 1, 0n, 1n, 0),
      guest.call('fd_filestat_set_size', 1, 0n),
      guest.call('fd_filestat_set_times', 1, 0n, 0n, 5),
    ]).toEqual(Array(8).fill('ESPIPE'));
    expect(guest.call('fd_sync', 1)).toBe('ENOTCAPABLE');
  });

  it('takes flags, which say nothing', () => {
    const guest = new Guest();
    expect(guest.call('fd_fdstat_set_flags', 1, 4)).toBe('SUCCESS');
    const at = guest.room(24);
    guest.call('fd_fdstat_get', 1, at);
    expect(guest.bytes(at, 4)).toEqual(new Uint8Array([2, 0, 4, 0]));
  });

  it('can be closed', () => {
    const guest = new Guest();
    guest.write(1, 'last');
    expect(guest.call('fd_close', 1)).toBe('SUCCESS');
    expect(guest.lines).toEqual(['stdout: last']);
    expect([guest.write(1, 'x'), guest.call('fd_close', 1)]).toEqual(['EBADF', 'EBADF']);
  });
});

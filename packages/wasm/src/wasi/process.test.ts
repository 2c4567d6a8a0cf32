import { createHash } from 'node:crypto';
import type { WasiGrants } from '@plugbay/core';
import { FAKE_CLOCK_START, FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { Guest } from '../../test/wasi/guest.ts';
import { planWasi } from './plan.ts';
import { WASI_FUNCTION_NAMES, WASI_NAMESPACES, wasiSignature } from './signatures.ts';

const START_NS = BigInt(FAKE_CLOCK_START) * 1_000_000n;

describe('arguments and environment', () => {
  it('are NUL-terminated strings with pointers to them', () => {
    const guest = new Guest({ args: ['run', '', 'ü'], env: { A: '1', B: 'x=y' } });
    const sizes = guest.room(8);
    expect(guest.call('args_sizes_get', sizes, sizes + 4)).toBe('SUCCESS');
    expect([guest.u32(sizes), guest.u32(sizes + 4)]).toEqual([3, 8]);
    const [pointers, buffer] = [guest.room(12), guest.room(8)];
    expect(guest.call('args_get', pointers, buffer)).toBe('SUCCESS');
    expect([0, 4, 8].map((offset) => guest.u32(pointers + offset) - buffer)).toEqual([0, 4, 5]);
    expect(guest.text(buffer, 8)).toBe('run\0\0ü\0');

    guest.call('environ_sizes_get', sizes, sizes + 4);
    expect([guest.u32(sizes), guest.u32(sizes + 4)]).toEqual([2, 10]);
    const text = guest.room(10);
    guest.call('environ_get', pointers, text);
    expect(guest.text(text, 10)).toBe('A=1\0B=x=y\0');
  });

  it('are none unless they are granted', () => {
    const guest = new Guest();
    const sizes = guest.room(16);
    guest.call('args_sizes_get', sizes, sizes + 4);
    guest.call('environ_sizes_get', sizes + 8, sizes + 12);
    expect(guest.bytes(sizes, 16)).toEqual(new Uint8Array(16));
    expect([guest.call('args_get', guest.size, guest.size)]).toEqual(['SUCCESS']);
  });

  it.each<[string, WasiGrants]>([
    ['an argument has a NUL character in it', { args: ['a\0b'] }],
    ['the variable A has a NUL character in it', { env: { A: '\0' } }],
    ['"A=B" names no variable', { env: { 'A=B': '' } }],
    ['"" names no variable', { env: { '': '' } }],
    [
      'the name of a granted directory has a NUL character in it',
      { directories: [{ host: '/', guest: '\0' }] },
    ],
    ['a granted directory has a NUL character in its path', { directories: [{ host: '/\0', guest: '/' }] }],
    ['a granted directory has no name', { directories: [{ host: '/', guest: '' }] }],
    ['stderr goes to one of log, inherit, drop, not to null', { stderr: 'null' as 'drop' }],
  ])('are refused when %s', (message, grants) => {
    expect(() => planWasi(grants)).toThrow(expect.objectContaining({ code: 'invalid', message }));
  });
});

describe('clocks', () => {
  const read = (guest: Guest, id: number): bigint | string => {
    const at = guest.room(8);
    const error = guest.call('clock_time_get', id, 0n, at);
    return error === 'SUCCESS' ? guest.u64(at) : error;
  };

  it('tell the time of the app, to the nanosecond of it', () => {
    const clock = new FakeClock();
    const guest = new Guest({}, { host: { clock } });
    clock.advance(1.5);
    expect([read(guest, 0), read(guest, 1)]).toEqual([START_NS + 1_500_000n, 1_500_000n]);
  });

  it('tell the time of a clock that was granted', () => {
    const guest = new Guest({ clock: { now: () => -5, monotonic: () => 2 ** 40 } });
    expect([read(guest, 0), read(guest, 1)]).toEqual([0n, 2n ** 40n * 1_000_000n]);
  });

  it('are those of the machine by default', () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const guest = new Guest();
    expect(read(guest, 0)).toBeGreaterThanOrEqual(before);
    const first = read(guest, 1);
    expect(read(guest, 1)).toBeGreaterThanOrEqual(first as bigint);
  });

  it('know their resolution', () => {
    const guest = new Guest();
    const at = guest.room(8);
    expect(guest.call('clock_res_get', 0, at)).toBe('SUCCESS');
    expect(guest.u64(at)).toBe(1_000_000n);
    guest.call('clock_res_get', 1, at);
    expect(guest.u64(at)).toBe(1_000n);
  });

  it('do not tell the CPU time of the host, and are no more than four', () => {
    const guest = new Guest();
    expect([2, 3, 4, -1].map((id) => read(guest, id))).toEqual(['ENOTSUP', 'ENOTSUP', 'EINVAL', 'EINVAL']);
  });

  it('can be withheld', () => {
    const guest = new Guest({ clock: 'none' });
    const at = guest.room(8);
    expect([read(guest, 0), read(guest, 1), guest.call('clock_res_get', 1, at)]).toEqual(
      Array(3).fill('ENOTCAPABLE'),
    );
    expect(guest.bytes(at, 8)).toEqual(new Uint8Array(8).fill(0xaa));
  });
});

describe('random bytes', () => {
  const read = (guest: Guest, length: number): Uint8Array | string => {
    const at = guest.room(length);
    const error = guest.call('random_get', at, length);
    return error === 'SUCCESS' ? guest.bytes(at, length) : error;
  };

  it('are those of the system by default, however many are wanted', () => {
    const guest = new Guest();
    expect(guest.call('random_get', 0, guest.size)).toBe('SUCCESS');
    const bytes = guest.bytes(0, guest.size);
    // 128 KiB without a run of 16 zeros anywhere near a chunk's edge.
    for (const at of [0, 65_520, 65_536, guest.size - 16]) {
      expect(bytes.slice(at, at + 16)).not.toEqual(new Uint8Array(16));
    }
    expect(guest.call('random_get', 0, 0)).toBe('SUCCESS');
  });

  it('repeat with a seed, in one piece or many, as documented', () => {
    const whole = read(new Guest({ random: { seed: 7 } }), 100) as Uint8Array;
    const blocks = [0, 1, 2, 3].map((n) => createHash('sha256').update(`7:${n}`).digest());
    expect(Buffer.from(whole)).toEqual(Buffer.concat(blocks).subarray(0, 100));
    const guest = new Guest({ random: { seed: '7' } });
    const parts = [1, 31, 32, 33, 3].map((length) => read(guest, length) as Uint8Array);
    expect(Buffer.concat(parts)).toEqual(Buffer.from(whole));
  });

  it('can be withheld', () => {
    expect(read(new Guest({ random: 'none' }), 8)).toBe('ENOTCAPABLE');
  });
});

describe('the functions', () => {
  it('are the 46 of preview 1 under one name and one fewer under the other', () => {
    const { wasi } = new Guest();
    expect(Object.keys(wasi.imports('wasi_snapshot_preview1')).sort()).toEqual(
      [...WASI_FUNCTION_NAMES].sort(),
    );
    expect(WASI_FUNCTION_NAMES).toHaveLength(46);
    expect(Object.keys(wasi.imports('wasi_unstable')).sort()).toEqual(
      WASI_FUNCTION_NAMES.filter((name) => name !== 'sock_accept').sort(),
    );
    expect(Object.keys(wasi.imports('env'))).toEqual([]);
    expect('constructor' in wasi.imports('wasi_unstable')).toBe(false);
    expect(wasi.imports('wasi_unstable')).toBe(wasi.imports('wasi_unstable'));
  });

  it('have the types by which modules import them', () => {
    expect(wasiSignature('wasi_snapshot_preview1', 'fd_seek')).toEqual({
      parameters: ['i32', 'i64', 'i32', 'i32'],
      results: ['i32'],
    });
    expect(wasiSignature('wasi_unstable', 'proc_exit')).toEqual({ parameters: ['i32'], results: [] });
    expect([
      wasiSignature('wasi_unstable', 'sock_accept'),
      wasiSignature('wasi_snapshot_preview1', 'toString'),
      wasiSignature('env', 'fd_seek'),
    ]).toEqual([undefined, undefined, undefined]);
    expect(WASI_NAMESPACES).toEqual(['wasi_snapshot_preview1', 'wasi_unstable']);
  });

  it('that need threads, signals or sockets say what is missing', () => {
    const guest = new Guest();
    expect(guest.call('sched_yield')).toBe('SUCCESS');
    expect(guest.call('proc_raise', 6)).toBe('ENOTSUP');
    const sockets: [string, ...number[]][] = [
      ['sock_accept', 1, 0, 0],
      ['sock_recv', 1, 0, 0, 0, 0, 0],
      ['sock_send', 1, 0, 0, 0, 0],
      ['sock_shutdown', 1, 0],
    ];
    for (const [name, ...parameters] of sockets) {
      expect(guest.call(name, ...parameters)).toBe('ENOTSOCK');
      expect(guest.call(name, 9, ...parameters.slice(1))).toBe('EBADF');
    }
  });
});

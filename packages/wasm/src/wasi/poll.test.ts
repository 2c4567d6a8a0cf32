import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { Folder } from '../../test/wasi/folder.ts';
import { Guest, READ_WRITE } from '../../test/wasi/guest.ts';
import { blockingSleep, SLEEP_MAX_MS } from './host.ts';

const MS = 1_000_000n;

type Asked =
  | { readonly clock: number; readonly timeout: bigint; readonly absolute?: boolean }
  | { readonly fd: number; readonly type: number };

/** Waits for things; answers what happened as `userdata error type available flags`, or the error's name. */
function poll(guest: Guest, ...asked: Asked[]): string[] | string {
  const input = guest.room(asked.length * 48);
  new Uint8Array(guest.memory.buffer).fill(0, input, input + asked.length * 48);
  for (const [index, one] of asked.entries()) {
    const at = input + index * 48;
    guest.view.setBigUint64(at, BigInt(index) + (7n << 60n), true);
    if ('fd' in one) {
      guest.view.setUint8(at + 8, one.type);
      guest.view.setUint32(at + 16, one.fd, true);
    } else {
      guest.view.setUint32(at + 16, one.clock, true);
      guest.view.setBigUint64(at + 24, one.timeout, true);
      guest.view.setUint16(at + 40, one.absolute === true ? 1 : 0, true);
    }
  }
  const [output, result] = [guest.room(asked.length * 32), guest.room(4)];
  const error = guest.call('poll_oneoff', input, output, asked.length, result);
  if (error !== 'SUCCESS') return error;
  return Array.from({ length: guest.u32(result) }, (_, index) => {
    const at = output + index * 32;
    const userdata = guest.u64(at) - (7n << 60n);
    const { view } = guest;
    const parts = [
      view.getUint16(at + 8, true),
      view.getUint8(at + 10),
      guest.u64(at + 16),
      view.getUint16(at + 24, true),
    ];
    return `${userdata}: error ${parts[0]} type ${parts[1]} available ${parts[2]} flags ${parts[3]}`;
  });
}

const timer = (userdata: number): string => `${userdata}: error 0 type 0 available 0 flags 0`;

describe('waiting for time', () => {
  it('sleeps as long as the earliest of several takes, and reports what is due by then', () => {
    const guest = new Guest();
    expect(
      poll(
        guest,
        { clock: 1, timeout: 30n * MS },
        { clock: 1, timeout: 20n * MS },
        { clock: 0, timeout: 20n * MS },
      ),
    ).toEqual([timer(1), timer(2)]);
    expect(guest.slept).toEqual([20]);
  });

  it('sleeps to a time, and not at all when that has passed', () => {
    const clock = new FakeClock();
    const guest = new Guest({}, { host: { clock } });
    clock.advance(100);
    const realtime = BigInt(clock.now()) * MS;
    expect(poll(guest, { clock: 1, timeout: 100n * MS + MS / 2n, absolute: true })).toEqual([timer(0)]);
    expect(poll(guest, { clock: 0, timeout: realtime + 3n * MS, absolute: true })).toEqual([timer(0)]);
    expect(guest.slept).toEqual([0.5, 3]);
    expect(
      poll(
        guest,
        { clock: 0, timeout: realtime - 1n, absolute: true },
        { clock: 0, timeout: 2n ** 64n - 1n },
      ),
    ).toEqual([timer(0)]);
    expect(poll(guest, { clock: 1, timeout: 0n })).toEqual([timer(0)]);
    expect(guest.slept).toEqual([0.5, 3]);
  });

  it('is up to the clock of the app, which may let no time pass', () => {
    const still = { now: () => 0, monotonic: () => 0 };
    const guest = new Guest({ clock: still });
    expect(poll(guest, { clock: 1, timeout: 60_000n * MS })).toEqual([timer(0)]);
    const passed: number[] = [];
    const moving = new Guest({ clock: { ...still, sleep: (ms) => void passed.push(ms) } });
    expect(poll(moving, { clock: 1, timeout: 60_000n * MS })).toEqual([timer(0)]);
    expect([passed, guest.slept, moving.slept]).toEqual([[60_000], [], []]);
  });

  it('reports clocks that there are not, instead of sleeping', () => {
    const guest = new Guest();
    expect(
      poll(guest, { clock: 2, timeout: 1n }, { clock: 9, timeout: 1n }, { clock: 1, timeout: MS }),
    ).toEqual(['0: error 58 type 0 available 0 flags 0', '1: error 28 type 0 available 0 flags 0']);
    expect(poll(new Guest({ clock: 'none' }), { clock: 1, timeout: MS })).toEqual([
      '0: error 76 type 0 available 0 flags 0',
    ]);
    expect(guest.slept).toEqual([]);
  });

  it('ends with what the host throws when the call may not take that long', () => {
    const timeout = new Error('too long');
    const guest = new Guest(
      {},
      {
        host: {
          sleep: () => {
            throw timeout;
          },
        },
      },
    );
    expect(() => poll(guest, { clock: 1, timeout: MS })).toThrow(timeout);
  });

  it('really takes time when the host brings no sleep of its own', () => {
    const guest = new Guest({}, { host: { sleep: undefined as never } });
    const before = performance.now();
    expect(poll(guest, { clock: 1, timeout: 15n * MS })).toEqual([timer(0)]);
    expect(performance.now() - before).toBeGreaterThan(10);
  });

  it('is refused beyond what a thread may be lost for', () => {
    expect(() => blockingSleep(SLEEP_MAX_MS + 1)).toThrow(
      expect.objectContaining({ code: 'limit', message: 'the module wants to sleep longer than 30000 ms' }),
    );
  });
});

describe('waiting for a descriptor', () => {
  it('never takes time', () => {
    using folder = new Folder();
    folder.file('file', '12345');
    const guest = new Guest({ stdin: 'abc', directories: [{ host: folder.inside, guest: '/' }] });
    const fd = guest.opened('file', { rights: READ_WRITE });
    guest.read(fd, 2);
    expect(
      poll(
        guest,
        { clock: 1, timeout: MS },
        { fd: 0, type: 1 },
        { fd: 1, type: 2 },
        { fd, type: 1 },
        { fd, type: 2 },
        { clock: 1, timeout: 0n },
      ),
    ).toEqual([
      '1: error 0 type 1 available 3 flags 0',
      '2: error 0 type 2 available 65536 flags 0',
      '3: error 0 type 1 available 3 flags 0',
      '4: error 0 type 2 available 65536 flags 0',
      timer(5),
    ]);
    expect(guest.slept).toEqual([]);
    guest.wasi.close();
  });

  it('tells of the end of the input', () => {
    expect(poll(new Guest(), { fd: 0, type: 1 })).toEqual(['0: error 0 type 1 available 0 flags 1']);
  });

  it('reports what cannot be waited for', () => {
    using folder = new Folder();
    const guest = new Guest({ directories: [{ host: folder.inside, guest: '/' }] });
    expect(
      poll(guest, { fd: 99, type: 1 }, { fd: 0, type: 2 }, { fd: 0, type: 3 }, { fd: 3, type: 1 }),
    ).toEqual([
      '0: error 8 type 1 available 0 flags 0',
      '1: error 76 type 2 available 0 flags 0',
      '2: error 28 type 3 available 0 flags 0',
      '3: error 76 type 1 available 0 flags 0',
    ]);
    guest.wasi.close();
  });
});

describe('waiting', () => {
  it('for nothing, or for more than 1024 things, is refused', () => {
    const guest = new Guest();
    const result = guest.room(4);
    expect([
      guest.call('poll_oneoff', 0, 0, 0, result),
      guest.call('poll_oneoff', 0, 0, 1025, result),
    ]).toEqual(['EINVAL', 'EINVAL']);
  });

  it('may write the events where the subscriptions were', () => {
    const guest = new Guest();
    const at = guest.room(96);
    new Uint8Array(guest.memory.buffer).fill(0, at, at + 96);
    guest.view.setBigUint64(at + 48, 5n, true);
    expect(guest.call('poll_oneoff', at, at, 2, guest.room(4))).toBe('SUCCESS');
    expect([guest.u64(at), guest.u64(at + 32)]).toEqual([0n, 5n]);
  });
});

// What a plugin tells its host: lines of its log, and events.
import { type HostReply, type OpenOptions, PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { doorTo, keepingLogger } from '../../open.ts';
import { EVENT, execute, HTTP, type Opening, reply } from './open.ts';

/** Declares the tests. */
export function tellingTests({ openGuest, openFields }: Opening): void {
  describe('host_log', () => {
    const log = async (calls: string, options: Partial<OpenOptions> = {}) => {
      const logger = keepingLogger();
      const opened = await openFields(
        `(data (i32.const 16) "gr\\c3\\bcn") (func (export "execute") (param i64) (result i64) ${calls} (i64.const 0))`,
        { logger, ...options },
      );
      await opened.call('execute');
      return logger.lines.map(({ level, text }) => `${level}: ${text}`);
    };
    const line = (level: number, at = 0, length = 2) =>
      `(call $log (i32.const ${level}) (i32.const ${at}) (i32.const ${length}))`;

    it('writes to the plugin’s log', async () => {
      expect(await log([0, 1, 2, 3, 4, -1].map((level) => line(level)).join(''))).toEqual([
        'debug: {}',
        'info: {}',
        'warn: {}',
        'error: {}',
        'info: {}',
        'info: {}',
      ]);
    });

    it('writes nothing for no bytes and for bytes that are not there', async () => {
      expect(await log(line(1, 0, 0) + line(1, 65_535, 2) + line(1, -1, 1) + line(1, 1, -1))).toEqual([]);
    });

    it('keeps the limits of a log', async () => {
      expect(await log(line(1, 16, 5), { limits: { logLineBytes: 4 } })).toEqual(['info: gr\u00fc']);
      expect(await log(line(1).repeat(3), { limits: { logLines: 2 } })).toEqual([
        'info: {}',
        'info: {}',
        'warn: 1 log lines dropped: the call may write 2',
      ]);
    });
  });

  describe.each([
    ['at once', []],
    ['later', [HTTP, EVENT]],
    ['later, and requests at once', [EVENT]],
  ])('events that are taken %s', (_, asynchronous) => {
    it('go out in order, as the guest wrote them', async () => {
      const seen: string[] = [];
      const take = (text: string): HostReply => {
        seen.push(text);
        return reply('ignored');
      };
      const answers = {
        [EVENT]: ({ payload }: { payload: Uint8Array }) =>
          asynchronous.length === 0
            ? take(`event:${Buffer.from(payload)}`)
            : new Promise<HostReply>((resolve) =>
                setImmediate(() => resolve(take(`event:${Buffer.from(payload)}`))),
              ),
        [HTTP]: ({ payload }: { payload: Uint8Array }) => take(`http:${Buffer.from(payload)}`),
      };
      const opened = await openGuest({ door: doorTo(answers, asynchronous) });
      await execute(opened, 'exchange {}');
      expect(seen).toEqual(['event:sent', 'http:{}', 'event:received']);
    });

    it('and are refused leave a line, and the plugin goes on', async () => {
      const logger = keepingLogger();
      const refusals = [
        (): HostReply => ({ ...reply(''), error: 'kind "x" is not declared' }),
        (): HostReply => {
          throw new PlugbayError('denied', 'no grant');
        },
      ];
      const door = doorTo({ [EVENT]: () => (refusals.shift() as () => HostReply)() }, asynchronous);
      const opened = await openGuest({ door, logger });
      expect([await execute(opened, 'event 1'), await execute(opened, 'event 2')]).toEqual(['', '']);
      expect(logger.lines.map(({ level, text }) => `${level}: ${text}`)).toEqual([
        'warn: an event was dropped: kind "x" is not declared',
        'warn: an event was dropped: the plugin may not emit events: no grant',
      ]);
    });
  });

  describe('an event that reaches nobody', () => {
    const emitting = (span: string) =>
      `(func (export "execute") (param i64) (result i64) (call $emit ${span}) (i64.const 0))`;

    it.each([
      ['(i32.const 0) (i32.const 2)', ['debug: an event was dropped: nobody takes events']],
      ['(i32.const 0) (i32.const 0)', []],
      [
        '(i32.const 65535) (i32.const 2)',
        ['warn: an event was dropped: 2 bytes at 65535 are outside of its memory'],
      ],
      [
        '(i32.const -1) (i32.const -1)',
        ['warn: an event was dropped: 4294967295 bytes at 4294967295 are outside of its memory'],
      ],
    ])('%s leaves %j', async (span, lines) => {
      const logger = keepingLogger();
      await (await openFields(emitting(span), { logger })).call('execute');
      expect(logger.lines.map(({ level, text }) => `${level}: ${text}`)).toEqual(lines);
    });
  });
}

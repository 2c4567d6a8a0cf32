import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { diskError, errnoOf } from './disk-error.ts';

function errnoError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, write`), { code, errno: -1 });
}

describe('errnoOf', () => {
  it('is the errno of a file-system error', () => {
    expect(errnoOf(errnoError('ENOENT'))).toBe('ENOENT');
  });

  it.each([
    undefined,
    null,
    'ENOENT',
    { code: 'ENOENT' },
    new Error('x'),
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    Object.assign(new Error('x'), { errno: -1, code: 2 }),
    new PlugbayError('not_found', 'x'),
  ])('is undefined for %s', (thrown) => {
    expect(errnoOf(thrown)).toBeUndefined();
  });
});

describe('diskError', () => {
  const FULL = ['no space is left', 'Free disk space, then try again; nothing was changed.'] as const;
  const FORBIDDEN = [
    'permission is denied',
    'Let the user that runs Plugbay own the folder, or choose another one with PLUGBAY_DATA.',
  ] as const;
  const NO_FOLDER = ['its parent is no folder', 'Choose another path with PLUGBAY_DATA.'] as const;

  it.each([
    ['ENOSPC', ...FULL],
    ['EDQUOT', ...FULL],
    ['EFBIG', ...FULL],
    ['EACCES', ...FORBIDDEN],
    ['EPERM', ...FORBIDDEN],
    ['EROFS', ...FORBIDDEN],
    ['ENOTDIR', ...NO_FOLDER],
    ['EEXIST', ...NO_FOLDER],
    [
      'EIO',
      'EIO: as the system says it, write',
      'Check the disk and the permissions of the folder, then try again.',
    ],
  ])('says for %s that %s', (errno, reason, hint) => {
    const cause = errnoError(errno);

    expect(diskError('write', '/data/x', cause)).toMatchObject({
      code: 'unavailable',
      message: `cannot write /data/x: ${reason}`,
      hint,
      cause,
    });
  });

  it('also takes what is no file-system error', () => {
    expect(diskError('read', '/data/x', 'odd').message).toBe('cannot read /data/x: odd');
  });
});

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@plugbay/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordCache } from './record-cache.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plugbay-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function numbers(warnings: unknown[] = []): RecordCache<number> {
  const warn = (_facts: unknown, message?: string): void => {
    warnings.push(message);
  };
  return new RecordCache(dir, { ...silentLogger, warn }, (value) => {
    if (typeof value !== 'number') throw new Error('not a number');
    return value;
  });
}

describe('the record cache', () => {
  it('keeps a record under any key, across restarts', async () => {
    await numbers().set('ext/ü/../x', 7);
    expect(await numbers().get('ext/ü/../x')).toBe(7);
    expect(await numbers().get('other')).toBeUndefined();
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('counts a damaged record, and one of another form, as absent', async () => {
    await numbers().set('key', 7);
    const [file = ''] = await readdir(dir);
    const warnings: unknown[] = [];
    await writeFile(join(dir, file), '{"cut');
    expect(await numbers(warnings).get('key')).toBeUndefined();
    await writeFile(join(dir, file), '"seven"');
    expect(await numbers(warnings).get('key')).toBeUndefined();
    expect(warnings).toEqual(['a cached record is unusable', 'a cached record is unusable']);
  });

  it('says when it cannot keep a record, and goes on', async () => {
    await rm(dir, { recursive: true });
    await writeFile(dir, 'a file where the folder should be');
    const warnings: unknown[] = [];
    await numbers(warnings).set('key', 7);
    expect(warnings).toEqual(['a record could not be cached on disk']);
  });
});

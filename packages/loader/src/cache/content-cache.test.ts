import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentAddress, type Logger, silentLogger } from '@plugbay/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentCache } from './content-cache.ts';

const bytes = new TextEncoder().encode('a plugin');
const address = contentAddress(bytes);

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plugbay-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function origin(content: Uint8Array = bytes): { fetch: () => Promise<Uint8Array>; readonly fetches: number } {
  let fetches = 0;
  return {
    fetch: async () => {
      fetches++;
      return content;
    },
    get fetches() {
      return fetches;
    },
  };
}

function listening(): { logger: Logger; warnings: unknown[] } {
  const warnings: unknown[] = [];
  const warn = (_facts: unknown, message?: string): void => {
    warnings.push(message);
  };
  return { logger: { ...silentLogger, warn }, warnings };
}

describe('the content cache', () => {
  it('fetches once for a hundred concurrent callers, and then never again', async () => {
    const from = origin();
    const cache = new ContentCache(dir, silentLogger);
    const got = await Promise.all(Array.from({ length: 100 }, () => cache.get(address, from.fetch)));
    expect(new Set(got).size).toBe(1);
    expect(await cache.get(address, from.fetch)).toEqual(bytes);
    expect(from.fetches).toBe(1);
  });

  it('survives a restart on disk', async () => {
    await new ContentCache(dir, silentLogger).get(address, origin().fetch);
    const from = origin();
    expect(await new ContentCache(dir, silentLogger).get(address, from.fetch)).toEqual(Buffer.from(bytes));
    expect(from.fetches).toBe(0);
  });

  it('refuses an origin that sends other bytes than asked for, and keeps nothing of it', async () => {
    const cache = new ContentCache(dir, silentLogger);
    const liar = origin(new TextEncoder().encode('malware'));
    await expect(cache.get(address, liar.fetch)).rejects.toMatchObject({ code: 'integrity' });
    expect(await cache.get(address, origin().fetch)).toEqual(bytes);
  });

  it('fetches again what was damaged on disk, says so, and mends it', async () => {
    await new ContentCache(dir, silentLogger).get(address, origin().fetch);
    const file = join(dir, address.slice(0, 2), address);
    await writeFile(file, 'damaged!');
    const { logger, warnings } = listening();
    expect(await new ContentCache(dir, logger).get(address, origin().fetch)).toEqual(bytes);
    expect(warnings).toEqual(['cached content is unusable; fetching it again']);
    expect(await readFile(file, 'utf8')).toBe('a plugin');
  });

  it('does without a disk that fails, and says so', async () => {
    const notAFolder = join(dir, 'file');
    await writeFile(notAFolder, '');
    const { logger, warnings } = listening();
    expect(await new ContentCache(notAFolder, logger).get(address, origin().fetch)).toEqual(bytes);
    expect(warnings).toEqual([
      'cached content is unusable; fetching it again',
      'content could not be cached on disk',
    ]);
  });

  it('passes on why an origin failed and asks it again the next time', async () => {
    const cache = new ContentCache(dir, silentLogger);
    await expect(cache.get(address, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.get(address, origin().fetch)).toEqual(bytes);
  });

  it('refuses what is no content address', async () => {
    await expect(
      new ContentCache(dir, silentLogger).get('../../etc/passwd', origin().fetch),
    ).rejects.toMatchObject({ code: 'invalid' });
  });
});

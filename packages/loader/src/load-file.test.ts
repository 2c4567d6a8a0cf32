import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFile } from './load-file.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plugbay-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('loading a file', () => {
  it('gives its bytes, its name and its content address', async () => {
    const path = join(dir, 'hello.wasm');
    await writeFile(path, 'hello');
    expect(await loadFile(path, 5)).toEqual({
      name: 'hello.wasm',
      digest: 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ',
      bytes: Buffer.from('hello'),
    });
  });

  it('refuses one byte more than the limit', async () => {
    const path = join(dir, 'large.wasm');
    await writeFile(path, 'hello!');
    await expect(loadFile(path, 5)).rejects.toMatchObject({
      code: 'limit',
      message: `${path} has 6 bytes; a plugin may have 5`,
    });
  });

  it('says that a file is missing', async () => {
    await expect(loadFile(join(dir, 'nope'), 5)).rejects.toMatchObject({
      code: 'not_found',
      message: `there is no file ${join(dir, 'nope')}`,
    });
  });

  it('says that a file below a file is missing', async () => {
    const path = join(dir, 'file');
    await writeFile(path, '');
    await expect(loadFile(join(path, 'x.wasm'), 5)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.skipIf(process.platform === 'win32')('does not wait for a named pipe', async () => {
    const path = join(dir, 'pipe');
    execFileSync('mkfifo', [path]);
    await expect(loadFile(path, 5)).rejects.toMatchObject({
      code: 'invalid',
      message: `${path} is not a regular file`,
    });
  });

  it('says that a folder is no file', async () => {
    const path = join(dir, 'folder');
    await mkdir(path);
    await expect(loadFile(path, 5)).rejects.toMatchObject({
      code: 'invalid',
      message: `${path} is not a regular file`,
    });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentAddress } from '@plugbay/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentStore } from './content-store.ts';

const ABC = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0';
const HOUR_MS = 3_600_000;
const abc = new TextEncoder().encode('abc');

let folder: string;
let root: string;
let store: ContentStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-store-'));
  root = join(folder, 'blobs');
  store = new ContentStore(root);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function fileOf(address: string): string {
  return join(root, address.slice(0, 2), address);
}

describe('ContentStore', () => {
  it('touches no disk before it is used', async () => {
    expect(await readdir(folder)).toEqual([]);
  });

  it('puts content under its address and gets it back', async () => {
    expect(await store.put(abc)).toBe(ABC);
    expect(await store.get(ABC)).toEqual(Buffer.from('abc'));
    expect(await readdir(root, { recursive: true })).toEqual(['un', `un/${ABC}`]);
  });

  it('gives back whatever was put', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (bytes) => {
        const address = await store.put(bytes);

        expect(address).toBe(contentAddress(bytes));
        expect(Buffer.compare((await store.get(address)) ?? Buffer.from('absent'), bytes)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('has nothing under an address that was never put', async () => {
    expect(await store.get(ABC)).toBeUndefined();
    await mkdir(join(root, 'un'), { recursive: true });
    expect(await store.get(ABC)).toBeUndefined();
  });

  it('does not write again what is there', async () => {
    await store.put(abc);
    const before = await stat(fileOf(ABC));
    await store.put(abc);

    expect((await stat(fileOf(ABC))).ino).toBe(before.ino);
  });

  it('hands out bytes that do not change when the caller changes theirs', async () => {
    const own = Uint8Array.from(abc);
    await store.put(own);
    own.fill(0);
    (await store.get(ABC))?.fill(0);

    expect(await store.get(ABC)).toEqual(Buffer.from('abc'));
  });

  it('forgets what it is told to, once and again', async () => {
    await store.put(abc);
    await store.remove(ABC);
    await store.remove(ABC);

    expect(await store.get(ABC)).toBeUndefined();
  });

  it.each(['', 'abc', '../../../../etc/passwd', `${ABC}/..`, '/etc/passwd'])(
    'takes no %j for an address',
    async (address) => {
      const refusal = { code: 'invalid', message: `${JSON.stringify(address)} is not a content address` };

      await expect(store.get(address)).rejects.toMatchObject(refusal);
      await expect(store.remove(address)).rejects.toMatchObject(refusal);
    },
  );
});

describe('ContentStore when content is damaged', () => {
  it.each([
    ['changed', 'abd', 'pS0VnyYrLG3bckphhAvvw26zDIiHekAwtly-himESck'],
    ['cut', 'ab', '-44g_C5MPySMYMOb1lLzwTRymLuXe4tNWQO4UFViBgM'],
    ['emptied', '', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ])('refuses to read what was %s, and mends it when it is put again', async (_, damaged, address) => {
    await store.put(abc);
    await writeFile(fileOf(ABC), damaged);

    await expect(store.get(ABC)).rejects.toMatchObject({
      code: 'integrity',
      message: `content of ${ABC} is damaged: its bytes are those of ${address}`,
    });
    expect(await store.put(abc)).toBe(ABC);
    expect(await store.get(ABC)).toEqual(Buffer.from('abc'));
  });

  it('says what it cannot read, and does not take it for absent', async () => {
    await mkdir(fileOf(ABC), { recursive: true });
    const refusal = {
      code: 'unavailable',
      message: expect.stringContaining(
        `cannot read ${fileOf(ABC)}: EISDIR: illegal operation on a directory`,
      ),
    };

    await expect(store.get(ABC)).rejects.toMatchObject(refusal);
    await expect(store.put(abc)).rejects.toMatchObject(refusal);
  });

  it('says what it cannot remove', async () => {
    await mkdir(fileOf(ABC), { recursive: true });

    await expect(store.remove(ABC)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^cannot remove .*: Path is a directory/),
    });
  });

  it('says that its root is no folder', async () => {
    await writeFile(root, 'a file');

    await expect(store.put(abc)).rejects.toMatchObject({
      code: 'unavailable',
      message: `cannot read ${fileOf(ABC)}: its parent is no folder`,
    });
  });
});

describe('ContentStore.sweep', () => {
  async function leave(name: string, ageMs: number, now: number): Promise<string> {
    const path = join(root, 'un', name);
    await mkdir(join(root, 'un'), { recursive: true });
    await writeFile(path, 'half');
    await utimes(path, new Date(now - ageMs), new Date(now - ageMs));
    return path;
  }

  it('has nothing to do where there is no store yet', async () => {
    expect(await store.sweep(Date.now())).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes unfinished files older than an hour and nothing else', async () => {
    const now = 1_700_000_000_000;
    await store.put(abc);
    await utimes(fileOf(ABC), new Date(0), new Date(0));
    await leave(`${ABC}.dead.tmp`, HOUR_MS + 1_000, now);
    await leave(`${ABC}.edge.tmp`, HOUR_MS, now);
    await leave(`${ABC}.live.tmp`, 0, now);
    await leave(`${ABC}.ahead.tmp`, -HOUR_MS, now);
    await leave('a note.txt', 10 * HOUR_MS, now);
    await store.sweep(now);

    expect((await readdir(join(root, 'un'))).sort()).toEqual(
      [ABC, `${ABC}.ahead.tmp`, `${ABC}.edge.tmp`, `${ABC}.live.tmp`, 'a note.txt'].sort(),
    );
    expect(await store.get(ABC)).toEqual(Buffer.from('abc'));
  });

  it('leaves a folder alone, whatever its name', async () => {
    await mkdir(join(root, 'old.tmp'), { recursive: true });
    await store.sweep(Date.now() + 2 * HOUR_MS);

    expect(await readdir(root)).toEqual(['old.tmp']);
  });

  it('removes what a writer that was killed left behind', async () => {
    await mkdir(root);
    const script = `
      import { ContentStore } from ${JSON.stringify(new URL('content-store.ts', import.meta.url).href)};
      const store = new ContentStore(process.argv[1]);
      for (let round = 0; ; round++) {
        await store.put(Buffer.alloc(3_000_000, process.pid + '-' + round));
        process.stdout.write('.');
      }
    `;
    const child = run(script, root);
    const closed = once(child, 'close');
    await Promise.race([once(child.stdout, 'data'), closed]);
    // Held still again and again until it stands in the middle of a write, where it is killed.
    do {
      child.kill('SIGCONT');
      await sleep(Math.random() * 10);
      child.kill('SIGSTOP');
      await sleep(5);
    } while (child.exitCode === null && !(await listOf(root)).some((name) => name.endsWith('.tmp')));
    child.kill('SIGKILL');
    expect((await closed)[1]).toBe('SIGKILL');

    const before = await listOf(root);
    expect(before.some((name) => name.endsWith('.tmp'))).toBe(true);
    await store.sweep(Date.now());
    expect(await listOf(root)).toEqual(before);
    await store.sweep(Date.now() + 2 * HOUR_MS);
    expect(await listOf(root)).toEqual(before.filter((name) => !name.endsWith('.tmp')));
    for (const name of await listOf(root)) {
      const address = name.slice(3);
      if (address !== '') expect(contentAddress((await store.get(address)) ?? abc)).toBe(address);
    }
  }, 60_000);

  it('says what it may not remove', async () => {
    const path = await leave(`${ABC}.dead.tmp`, 2 * HOUR_MS, Date.now());
    await chmod(folder, 0o755);
    await chmod(join(root, 'un'), 0o555);
    // Root may remove anything, so the test steps down from it for a moment.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const refused = await store.sweep(Date.now()).catch((error: unknown) => error);
    if (isRoot) process.seteuid?.(0);
    await chmod(join(root, 'un'), 0o755);

    expect(refused).toMatchObject({
      code: 'unavailable',
      message: `cannot remove ${path}: permission is denied`,
    });
  });
});

describe('ContentStore shared by processes', () => {
  it('holds every content whole, while three processes put the same ones', async () => {
    const contents = Array.from({ length: 30 }, (_, index) => Buffer.alloc(20_000 + index, `${index}-`));
    const script = `
      import { ContentStore } from ${JSON.stringify(new URL('content-store.ts', import.meta.url).href)};
      const store = new ContentStore(process.argv[1]);
      await Promise.all(Array.from({ length: 30 }, (_, index) => store.put(Buffer.alloc(20_000 + index, index + '-'))));
      process.stdout.write('done');
    `;
    const children = [run(script, root), run(script, root)];
    const ended = children.map((child) => once(child, 'close'));
    const addresses = await Promise.all(contents.map((bytes) => store.put(bytes)));
    // Reading goes on while the others write: absent is impossible now, damaged always is.
    for (let round = 0; round < 10; round++) {
      for (const [index, address] of addresses.entries())
        expect(await store.get(address)).toEqual(contents[index]);
    }
    expect((await Promise.all(ended)).map(([code]) => code as number)).toEqual([0, 0]);

    const files = (await listOf(root)).filter((name) => name.includes('/')).map((name) => name.slice(3));
    expect(files.sort()).toEqual([...addresses].sort());
    for (const address of addresses) expect(contentAddress(await readFile(fileOf(address)))).toBe(address);
  });
});

function run(script: string, argument: string) {
  const args = ['--conditions=@plugbay/source', '--input-type=module', '-e', script, argument];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function listOf(path: string): Promise<string[]> {
  return (await readdir(path, { recursive: true })).sort();
}

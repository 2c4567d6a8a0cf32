import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentAddress } from '@plugbay/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from './atomic-file.ts';

const MODULE = JSON.stringify(new URL('atomic-file.ts', import.meta.url).href);
const NODE_ARGUMENTS = ['--conditions=@plugbay/source', '--input-type=module', '-e'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-atomic-'));
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

// Content that says itself whether it is whole: the address of the rest in the first line.
function sealed(letter: string, size: number): string {
  const body = letter.repeat(size);
  return `${contentAddress(Buffer.from(body))}\n${body}`;
}

function isWhole(text: string): boolean {
  return contentAddress(Buffer.from(text.slice(44))) === text.slice(0, 43);
}

describe('writeFileAtomic', () => {
  it('writes a new file and leaves nothing else', async () => {
    const path = join(folder, 'state.json');
    await writeFileAtomic(path, '{"ü":1}');

    expect(await readFile(path, 'utf8')).toBe('{"ü":1}');
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  it('replaces an old file, also by a shorter one or by nothing', async () => {
    const path = join(folder, 'state.json');
    await writeFileAtomic(path, 'the old and longer content');
    await writeFileAtomic(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    await writeFileAtomic(path, '');
    expect(await readFile(path, 'utf8')).toBe('');
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  it('writes exactly the bytes of a view', async () => {
    const path = join(folder, 'bytes');
    await writeFileAtomic(path, Uint8Array.of(0, 1, 2, 255, 4).subarray(1, 4));

    expect([...(await readFile(path))]).toEqual([1, 2, 255]);
  });

  it('makes the folders that are missing', async () => {
    const path = join(folder, 'a', 'b', 'c', 'file');
    await writeFileAtomic(path, 'x');

    expect(await readFile(path, 'utf8')).toBe('x');
  });

  it('takes a relative path', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await writeFileAtomic('flat', 'x');
      await writeFileAtomic(join('deep', 'er', 'file'), 'y');
    } finally {
      process.chdir(before);
    }

    expect(await readFile(join(folder, 'flat'), 'utf8')).toBe('x');
    expect(await readFile(join(folder, 'deep', 'er', 'file'), 'utf8')).toBe('y');
  });

  it('gives the file the mode that was asked for, and else what the umask allows', async () => {
    await writeFileAtomic(join(folder, 'secret'), 'x', { mode: 0o600 });
    await writeFileAtomic(join(folder, 'plain'), 'x');

    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'plain'))).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('never shows a secret with a wider mode while it is written', async () => {
    const path = join(folder, 'token');
    const writing = writeFileAtomic(path, 'x'.repeat(4_000_000), { mode: 0o600 });
    const modes = new Set<number>();
    let done = false;
    void writing.then(() => {
      done = true;
    });
    while (!done) {
      for (const name of await readdir(folder)) {
        const found = await stat(join(folder, name)).catch(() => undefined);
        if (found !== undefined) modes.add(found.mode & 0o777);
      }
    }
    await writing;

    expect([...modes]).toEqual([0o600]);
  });

  it('replaces a symbolic link and leaves the file behind it alone', async () => {
    await writeFile(join(folder, 'elsewhere'), 'old');
    await symlink(join(folder, 'elsewhere'), join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), 'new');

    expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe('old');
    expect(await readFile(join(folder, 'link'), 'utf8')).toBe('new');
  });
});

describe('writeFileAtomic with many writers of one path', () => {
  it('leaves one whole content, and every reader on the way sees a whole one', async () => {
    const path = join(folder, 'state');
    const contents = Array.from({ length: 60 }, (_, index) =>
      sealed(String.fromCharCode(65 + (index % 58)), index * 3_001),
    );
    await writeFileAtomic(path, contents[0]!);
    let reading = true;
    const read = async (): Promise<number> => {
      let reads = 0;
      for (; reading; reads++) expect(isWhole(await readFile(path, 'utf8'))).toBe(true);
      return reads;
    };
    const readers = [read(), read(), read()];
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    reading = false;

    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0);
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['state']);
  });
});

describe('writeFileAtomic when the disk refuses', () => {
  it('says that a folder in the way is a file', async () => {
    await writeFile(join(folder, 'file'), 'x');
    const path = join(folder, 'file', 'state');

    await expect(writeFileAtomic(path, 'y')).rejects.toMatchObject({
      code: 'unavailable',
      message: `cannot write ${path}: its parent is no folder`,
      hint: 'Choose another path with PLUGBAY_DATA.',
    });
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
  });

  it('does not replace a folder, and leaves nothing beside it', async () => {
    const path = join(folder, 'state');
    await mkdir(path);

    await expect(writeFileAtomic(path, 'y')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot write ${path}: EISDIR: illegal operation on a directory`),
      hint: 'Check the disk and the permissions of the folder, then try again.',
    });
    expect(await readdir(folder)).toEqual(['state']);
  });

  it('says that permission is denied, and leaves the old file', async () => {
    const path = join(folder, 'state');
    await writeFile(path, 'old');
    await chmod(folder, 0o555);

    const refused = await asOrdinaryUser(() => writeFileAtomic(path, 'new').catch((error: unknown) => error));
    await chmod(folder, 0o700);

    expect(refused).toMatchObject({
      code: 'unavailable',
      message: `cannot write ${path}: permission is denied`,
      hint: 'Let the user that runs Plugbay own the folder, or choose another one with PLUGBAY_DATA.',
      cause: expect.objectContaining({ code: 'EACCES' }),
    });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['state']);
  });

  it('says that a file grew past a limit, leaves the old one and removes the half of the new one', async () => {
    const path = join(folder, 'state');
    await writeFile(path, 'old');

    expect(await writeInChild(path, ['sh', '-c', 'ulimit -f 64 && exec "$@"', 'sh'])).toEqual(
      refusalOfFullDisk(path),
    );
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['state']);
  });

  it('says that the disk is full, leaves the old file and removes the half of the new one', async ({
    skip,
  }) => {
    // In a mount namespace of its own: the tiny disk is gone when the child is, and nobody else ever sees it.
    const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
    const tiny = [
      'unshare',
      ...namespaces,
      'sh',
      '-c',
      'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"',
      folder,
    ];
    const probe = await runToEnd([...tiny, 'true']);
    if (probe.code !== 0) {
      const reason = `no disk of 64 KiB can be mounted here (${probe.stderr.trim()}); run as root with CAP_SYS_ADMIN to test a full disk`;
      process.stderr.write(`NOT TESTED: ${reason}\n`);
      skip(reason);
    }
    const path = join(folder, 'state');

    expect(await writeInChild(path, tiny, 'old')).toEqual({
      ...refusalOfFullDisk(path),
      left: ['state'],
      old: 'old',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('writeFileAtomic in a process that is killed', () => {
  it('always leaves a whole file, whatever the moment', async () => {
    const path = join(folder, 'state');
    const script = `
      import { writeFileAtomic } from ${MODULE};
      import { contentAddress } from '@plugbay/core';
      for (let round = 0; ; round++) {
        const body = String.fromCharCode(97 + (round % 26)).repeat(1 + ((round * 77_777) % 900_000));
        await writeFileAtomic(process.argv[1], contentAddress(Buffer.from(body)) + '\\n' + body);
        process.stdout.write('.');
      }
    `;
    for (let kill = 0; kill < 15; kill++) {
      const child = spawn(process.execPath, [...NODE_ARGUMENTS, script, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = once(child, 'close');
      await Promise.race([once(child.stdout, 'data'), closed]);
      await sleep(Math.random() * 40);
      child.kill('SIGKILL');
      expect((await closed)[1]).toBe('SIGKILL');

      const text = await readFile(path, 'utf8');
      expect(isWhole(text), `after kill ${kill}: ${text.length} characters`).toBe(true);
    }

    // Each kill leaves one unfinished file at most, and a later writer is not hindered by them.
    const names = await readdir(folder);
    expect(names.length).toBeLessThanOrEqual(16);
    for (const name of names) expect(name).toMatch(/^state(\.[0-9a-f-]{36}\.tmp)?$/);
    await writeFileAtomic(path, sealed('z', 10));
    expect(await readFile(path, 'utf8')).toBe(sealed('z', 10));
  }, 60_000);
});

/** Root may do anything, so the test of a permission steps down from it for a moment. */
async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  await chmod(folder, 0o555);
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

function refusalOfFullDisk(path: string): object {
  return {
    code: 'unavailable',
    message: `cannot write ${path}: no space is left`,
    hint: 'Free disk space, then try again; nothing was changed.',
    left: [basename(path)],
    old: 'old',
  };
}

/** Writes 1 MB over `path` in a child that `command` starts, and tells how it was refused and what is left. */
async function writeInChild(path: string, command: readonly string[], old?: string): Promise<object> {
  const script = `
    import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { writeFileAtomic } from ${MODULE};
    const [, path, folder, old] = process.argv;
    if (old !== undefined) writeFileSync(path, old);
    const { code, message, hint } = await writeFileAtomic(path, 'x'.repeat(1_000_000)).catch((error) => error);
    console.log(JSON.stringify({ code, message, hint, left: readdirSync(folder), old: readFileSync(path, 'utf8') }));
  `;
  const rest = old === undefined ? [] : [old];
  const { stdout, stderr } = await runToEnd([
    ...command,
    process.execPath,
    ...NODE_ARGUMENTS,
    script,
    path,
    folder,
    ...rest,
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as object;
}

async function runToEnd([program, ...args]: readonly string[]): Promise<{
  code: number | null;
  stdout: string;
  stderr: string;
}> {
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

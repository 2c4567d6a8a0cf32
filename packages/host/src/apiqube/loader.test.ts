import { mkdir, mkdtemp, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ARTIFACT_MAX_BYTES, type HostDoor, PlugbayError, pluginOutput, type Runtime } from '@plugbay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pluginNames } from './directory.ts';
import { Loader } from './loader.ts';
import { MissingCapabilityError } from './missing-capability.ts';
import type { WasmRuntimeOptions } from './options.ts';
import type { Registry } from './registry.ts';

const INPUT = { target: 'x://' };

/** An engine whose modules are what `plugin_info` answers, and `execute` too, once `gate` lets it; and what it did. */
class FakeEngine implements Runtime {
  readonly log: string[] = [];
  readonly doors: HostDoor[] = [];
  gate: Promise<unknown> = Promise.resolve();
  #before = async (): Promise<void> => undefined;

  /** Lets the next `open` begin, and wait. */
  hold(): { readonly opening: Promise<void>; readonly proceed: () => void } {
    const { promise: opening, resolve: begin } = Promise.withResolvers<void>();
    const { promise: held, resolve: proceed } = Promise.withResolvers<void>();
    this.#before = () => {
      begin();
      return held;
    };
    return { opening, proceed };
  }

  readonly open: Runtime['open'] = async ({ name, bytes }, { door }) => {
    await this.#before();
    const text = Buffer.from(bytes).toString();
    if (!text.startsWith('{')) throw new PlugbayError('invalid', 'it is no module');
    this.log.push(`open ${name}`);
    this.doors.push(door);
    let closed = false;
    return {
      info: { name, kind: 'wasm', abi: 'apiqube', digest: '', exports: [] },
      has: () => true,
      call: async (called) => {
        if (called !== 'plugin_info') await this.gate;
        if (closed) throw new PlugbayError('unavailable', 'it is closed');
        const answer = called === 'execute' ? JSON.stringify({ status: JSON.parse(text).version }) : text;
        return pluginOutput(Buffer.from(answer));
      },
      close: async () => {
        closed = true;
        this.log.push(`close ${name}`);
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  };
}

interface Setting {
  readonly dir: string;
  readonly engine: FakeEngine;
  readonly loader: Loader;
  /** Writes a plugin's file: its name, and the protocol of the same name. */
  add(file: string, name: string, more?: object): Promise<string>;
}

async function setting(options: WasmRuntimeOptions = {}): Promise<Setting> {
  const dir = await mkdtemp(join(tmpdir(), 'plugbay-apiqube-'));
  const engine = new FakeEngine();
  const loader = new Loader({ runtime: engine, ...options });
  onTestFinished(async () => {
    await loader.close();
    await rm(dir, { recursive: true });
  });
  const add = async (file: string, name: string, more: object = {}): Promise<string> => {
    const path = join(dir, file);
    await writeFile(path, JSON.stringify({ name, protocols: [name], ...more }));
    return path;
  };
  return { dir, engine, loader, add };
}

const namesIn = (registry: Registry): string[] => registry.snapshot().map(({ name }) => name);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const failureOf = (promise: Promise<unknown>): Promise<PlugbayError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: PlugbayError) => error,
  );

describe('a directory of plugins', () => {
  it('EmptyDir: gives an empty registry', async () => {
    const { loader, dir } = await setting();
    expect((await loader.loadDir(dir)).snapshot()).toEqual([]);
  });

  it('NoDir: gives an empty registry for no directory, also after another one, and the same each time', async () => {
    const { loader, dir, add } = await setting();
    const none = await loader.loadDir('');
    await add('a.wasm', 'a');
    const loaded = await loader.loadDir(dir);
    expect(namesIn(loaded)).toEqual(['a']);
    expect(await loader.loadDir('')).toBe(none);
    expect([none.snapshot(), none.closed, loaded.closed]).toEqual([[], false, false]);
  });

  it('NonexistentDir: is not found when it is not there', async () => {
    const { loader, dir } = await setting();
    const missing = join(dir, 'missing');
    expect(await failureOf(loader.loadDir(missing))).toMatchObject({
      code: 'not_found',
      message: `load ${missing}: there is no such directory`,
    });
  });

  it('NotADirectory: is refused when it is a file', async () => {
    const { loader, add } = await setting();
    const path = await add('a.wasm', 'a');
    expect(await failureOf(loader.loadDir(path))).toMatchObject({
      code: 'invalid',
      message: `load ${path}: it is not a directory`,
    });
  });

  it('IgnoresNonWASMFiles: holds other files and directories as well, which are not looked at', async () => {
    const { loader, dir, add } = await setting();
    await add('a.wasm', 'a');
    await writeFile(join(dir, 'readme.txt'), 'no module');
    await mkdir(join(dir, 'folder.wasm'));
    await writeFile(join(dir, 'folder.wasm', 'b.wasm'), 'no module');
    expect(namesIn(await loader.loadDir(dir))).toEqual(['a']);
  });

  it('InvalidWASM: is refused for a file that is no plugin, which the error names', async () => {
    const { loader, dir, engine, add } = await setting();
    await add('a.wasm', 'a');
    const path = join(dir, 'b.wasm');
    await writeFile(path, 'no module');
    expect(await failureOf(loader.loadDir(dir))).toMatchObject({
      code: 'invalid',
      message: `load ${path}: it is no module`,
    });
    expect(engine.log).toEqual(['open a.wasm', 'close a.wasm']);
    expect(loader.current()).toBeUndefined();
  });

  it('CacheReuse: gives the same registry as long as its files are the same, touched or not', async () => {
    const { loader, dir, engine, add } = await setting();
    const path = await add('a.wasm', 'a');
    const first = await loader.loadDir(dir);
    await utimes(path, 1, 1);
    expect(await loader.loadDir(dir)).toBe(first);
    expect(await loader.loadDir(relative(process.cwd(), dir))).toBe(first);
    expect(await Promise.all([loader.loadDir(dir), loader.loadDir(`${dir}/`)])).toEqual([first, first]);
    expect([engine.log, loader.current() === first]).toEqual([['open a.wasm'], true]);
  });

  it('CacheInvalidatedOnFileAdded: is read again when a file comes; if that is broken, what was there stays in service', async () => {
    const { loader, dir, add } = await setting();
    await add('a.wasm', 'a', { version: '1' });
    const first = await loader.loadDir(dir);
    await writeFile(join(dir, 'broken.wasm'), 'no module');
    expect((await failureOf(loader.loadDir(dir))).code).toBe('invalid');
    expect(loader.current()).toBe(first);
    expect((await first.lookup('a')?.execute(INPUT))?.status).toBe('1');
    await rm(join(dir, 'broken.wasm'));
    expect(await loader.loadDir(dir)).toBe(first);
    expect(first.closed).toBe(false);
  });

  it('ValidWASMEntry: counts names in .wasm, in any letter case, sorted', () => {
    const entry = (name: string, isDirectory = false): Parameters<typeof pluginNames>[0][number] => ({
      name,
      isDirectory: () => isDirectory,
    });
    const entries = ['b.wasm', 'a.wasm', 'B.WASM', 'c.txt', 'wasm', '.wasm', 'd.wasm.bak'].map((name) =>
      entry(name),
    );
    expect(pluginNames([...entries, entry('e.wasm', true)])).toEqual(['.wasm', 'B.WASM', 'a.wasm', 'b.wasm']);
  });

  it('StampsEqual: is another one when a file has another content, also of the same size and time', async () => {
    const { loader, dir, add } = await setting();
    const path = await add('a.wasm', 'a', { version: '1' });
    const { atime, mtime, size } = await stat(path);
    const first = await loader.loadDir(dir);
    await add('a.wasm', 'a', { version: '2' });
    await utimes(path, atime, mtime);
    expect([(await stat(path)).size, (await stat(path)).mtimeMs]).toEqual([size, mtime.getTime()]);
    const second = await loader.loadDir(dir);
    expect(second).not.toBe(first);
    expect((await second.lookup('a')?.execute(INPUT))?.status).toBe('2');
    await rename(path, join(dir, 'b.wasm'));
    expect(await loader.loadDir(dir)).not.toBe(second);
  });

  it('is loaded in the order of its files’ names, so that the error about two of one name is always the same', async () => {
    const { loader, dir, engine, add } = await setting();
    for (const file of ['c.wasm', 'a.wasm', 'b.wasm']) await add(file, file === 'a.wasm' ? 'a' : 'same');
    for (let round = 0; round < 3; round++) {
      expect(await failureOf(loader.loadDir(dir))).toMatchObject({
        code: 'conflict',
        message: `load ${join(dir, 'c.wasm')}: there is a plugin "same" already`,
      });
    }
    expect(engine.log.slice(0, 3)).toEqual(['open a.wasm', 'open b.wasm', 'open c.wasm']);
    expect(engine.log.slice(3, 6).sort()).toEqual(['close a.wasm', 'close b.wasm', 'close c.wasm']);
  });

  it('may hold symbolic links, which are followed to files and nothing else', async () => {
    const { loader, dir, add } = await setting();
    const target = await add('elsewhere', 'linked');
    await symlink(target, join(dir, 'a.wasm'));
    expect(namesIn(await loader.loadDir(dir))).toEqual(['linked']);
    await symlink(join(dir, 'missing'), join(dir, 'b.wasm'));
    expect(await failureOf(loader.loadDir(dir))).toMatchObject({
      code: 'not_found',
      message: `load ${join(dir, 'b.wasm')}: there is no file ${join(dir, 'b.wasm')}`,
    });
    await rm(join(dir, 'b.wasm'));
    await symlink(dir, join(dir, 'b.wasm'));
    expect(await failureOf(loader.loadDir(dir))).toMatchObject({
      code: 'invalid',
      message: `load ${join(dir, 'b.wasm')}: ${join(dir, 'b.wasm')} is not a regular file`,
    });
  });

  it('is refused for a file that is too large, and for too many files', async () => {
    const { loader, dir } = await setting();
    const path = join(dir, 'large.wasm');
    await writeFile(path, '');
    await truncate(path, ARTIFACT_MAX_BYTES + 1);
    expect(await failureOf(loader.loadDir(dir))).toMatchObject({
      code: 'limit',
      message: `load ${path}: ${path} has ${ARTIFACT_MAX_BYTES + 1} bytes; a plugin may have ${ARTIFACT_MAX_BYTES}`,
    });
    for (let count = 0; count < 256; count++) await writeFile(join(dir, `${count}.wasm`), '');
    expect(await failureOf(loader.loadDir(dir))).toMatchObject({
      code: 'limit',
      message: `load ${dir}: it has 257 plugins, more than 256`,
    });
  });

  it('is refused when a plugin declares what it is not granted by its file’s name', async () => {
    const { loader, dir, add } = await setting({ capabilities: { 'b.wasm': ['http'] } });
    await add('b.wasm', 'b', { capabilities: ['http'] });
    expect(namesIn(await loader.loadDir(dir))).toEqual(['b']);
    await add('a.wasm', 'a', { capabilities: ['http'] });
    const error = await failureOf(loader.loadDir(dir));
    expect(error).toBeInstanceOf(MissingCapabilityError);
    expect(error).toMatchObject({
      code: 'denied',
      message: `load ${join(dir, 'a.wasm')}: plugin "a.wasm" requires capability "http", which it is not granted`,
      plugin: 'a.wasm',
      capability: 'http',
    });
  });
});

describe('a registry that is replaced', () => {
  it('finishes the calls that run on it, refuses new ones, and is closed then', async () => {
    const { loader, dir, engine, add } = await setting();
    await add('a.wasm', 'a', { version: '1' });
    const old = await loader.loadDir(dir);
    const { promise, resolve } = Promise.withResolvers<void>();
    engine.gate = promise;
    const running = old.lookup('a')?.execute(INPUT);
    await turn();
    await add('a.wasm', 'a', { version: '2' });
    const replaced = await loader.loadDir(dir);
    expect([loader.current() === replaced, old.closed]).toEqual([true, true]);
    expect(await failureOf(old.lookup('a')?.execute(INPUT) ?? Promise.resolve())).toMatchObject({
      code: 'unavailable',
      message: 'execute: plugin "a.wasm" is closed',
    });
    expect(engine.log).toEqual(['open a.wasm', 'open a.wasm']);
    resolve();
    expect((await running)?.status).toBe('1');
    expect((await replaced.lookup('a')?.execute(INPUT))?.status).toBe('2');
    expect(engine.log).toEqual(['open a.wasm', 'open a.wasm', 'close a.wasm']);
  });

  it('serves while what shall replace it is loaded', async () => {
    const { loader, dir, engine, add } = await setting();
    await add('a.wasm', 'a', { version: '1' });
    const old = await loader.loadDir(dir);
    await add('a.wasm', 'a', { version: '2' });
    const { opening, proceed } = engine.hold();
    const loading = loader.loadDir(dir);
    await opening;
    expect((await old.lookup('a')?.execute(INPUT))?.status).toBe('1');
    expect([loader.current() === old, old.closed]).toEqual([true, false]);
    proceed();
    expect(await loading).not.toBe(old);
  });

  it('is not replaced by another directory’s', async () => {
    const [one, two] = [await setting(), await setting()];
    await one.add('a.wasm', 'a', { version: '1' });
    await two.add('a.wasm', 'a', { version: '2' });
    const { loader } = one;
    const [first, second] = await Promise.all([loader.loadDir(one.dir), loader.loadDir(two.dir)]);
    expect((await first.lookup('a')?.execute(INPUT))?.status).toBe('1');
    expect((await second.lookup('a')?.execute(INPUT))?.status).toBe('2');
    expect(loader.current()).toBe(second);
    expect(await loader.loadDir(one.dir)).toBe(first);
    expect(loader.current()).toBe(first);
  });

  it('is loaded anew when somebody closed it', async () => {
    const { loader, dir, add } = await setting();
    await add('a.wasm', 'a', { version: '1' });
    const first = await loader.loadDir(dir);
    await first.close();
    const second = await loader.loadDir(dir);
    expect(second).not.toBe(first);
    expect((await second.lookup('a')?.execute(INPUT))?.status).toBe('1');
  });
});

describe('a loader', () => {
  it('has no registry before it loaded one, and none when it is closed', async () => {
    const { loader, dir, engine, add } = await setting();
    expect(loader.current()).toBeUndefined();
    await add('a.wasm', 'a');
    const registry = await loader.loadDir(dir);
    await Promise.all([loader.close(), loader.close()]);
    await loader.close();
    expect([loader.current(), registry.closed, engine.log]).toEqual([
      undefined,
      true,
      ['open a.wasm', 'close a.wasm'],
    ]);
    expect(await failureOf(loader.loadDir(dir))).toMatchObject({
      code: 'unavailable',
      message: 'the loader is closed',
    });
  });

  it('closes what is being loaded when it is closed, and what is being replaced', async () => {
    const { loader, dir, engine, add } = await setting();
    await add('a.wasm', 'a', { version: '1' });
    const old = await loader.loadDir(dir);
    engine.gate = new Promise(() => undefined);
    void old.lookup('a')?.execute(INPUT);
    await add('a.wasm', 'a', { version: '2' });
    const replaced = await loader.loadDir(dir);
    await add('a.wasm', 'a', { version: '3' });
    const { opening, proceed } = engine.hold();
    const loading = loader.loadDir(dir);
    await opening;
    const waiting = failureOf(loader.loadDir(dir));
    const closing = loader.close();
    proceed();
    await closing;
    expect([old.closed, replaced.closed, (await loading).closed]).toEqual([true, true, true]);
    expect((await waiting).code).toBe('unavailable');
    expect(engine.log.filter((line) => line === 'close a.wasm')).toHaveLength(3);
  });

  it('loads whatever changes meanwhile, hundreds of times, and leaves nothing open', async () => {
    const { loader, dir, engine, add } = await setting();
    await add('a.wasm', 'a', { version: '0' });
    await loader.loadDir(dir);
    const outcomes = new Set<string>();
    const reading = async (): Promise<void> => {
      for (let count = 0; count < 200; count++) {
        const called = loader.current()?.lookup('a')?.execute(INPUT);
        outcomes.add(
          await (called ?? Promise.resolve()).then(
            () => 'answered',
            (error: PlugbayError) => error.message,
          ),
        );
        await turn();
      }
    };
    const writing = async (): Promise<void> => {
      for (let count = 1; count <= 50; count++) {
        await add('a.wasm', 'a', { version: String(count) });
        await loader.loadDir(dir);
      }
    };
    await Promise.all([reading(), reading(), writing()]);
    expect([...outcomes]).toEqual(['answered']);
    await loader.close();
    const opened = engine.log.filter((line) => line.startsWith('open')).length;
    expect([opened, engine.log.length]).toEqual([51, 102]);
  });
});

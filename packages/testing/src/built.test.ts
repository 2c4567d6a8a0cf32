import { randomUUID } from 'node:crypto';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { builtOnce, versionOf } from './built.ts';

const BUILD = fileURLToPath(new URL('../build/', import.meta.url));
// A name of this run alone, because what is kept outlives it.
const name = `test-${randomUUID()}`;
const kept = (): string[] => globSync(`${name}.*.wasm`, { cwd: BUILD });

afterEach(() => {
  for (const file of kept()) rmSync(`${BUILD}${file}`);
});

describe('builtOnce', () => {
  it('builds once per recipe, and answers with bytes of their own each time', async () => {
    const build = vi.fn(async () => Uint8Array.of(1, 2, 3));
    const first = await builtOnce({ name, parts: ['a', 'b'] }, build);
    first.fill(0);
    expect([...(await builtOnce({ name, parts: ['a', 'b'] }, build))]).toEqual([1, 2, 3]);
    expect(build).toHaveBeenCalledTimes(1);
    for (const parts of [['ab'], ['a', 'b', ''], ['b', 'a']]) await builtOnce({ name, parts }, build);
    expect([build.mock.calls.length, kept().length]).toEqual([4, 4]);
  });

  it('keeps nothing when building fails', async () => {
    await expect(builtOnce({ name, parts: [] }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(kept()).toEqual([]);
  });

  it('leaves one whole file when many build the same at the same time', async () => {
    const bytes = new Uint8Array(1_000_000).fill(7);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => builtOnce({ name, parts: [] }, async () => bytes)),
    );
    expect(all.every((each) => Buffer.from(each).equals(bytes))).toBe(true);
    expect(kept().map((file) => readFileSync(`${BUILD}${file}`).equals(bytes))).toEqual([true]);
    expect(globSync(`${name}*.tmp`, { cwd: BUILD })).toEqual([]);
  });
});

describe('versionOf', () => {
  it('is what the installed package says, and an error when none is installed', async () => {
    expect(await versionOf('@extism/as-pdk')).toBe('@extism/as-pdk@1.0.0');
    await expect(versionOf('not-installed')).rejects.toThrow("Cannot find package 'not-installed'");
  });
});

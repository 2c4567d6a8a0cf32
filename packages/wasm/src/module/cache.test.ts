import { contentAddress } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { INLINE_POLICY } from '../binary/policy.ts';
import { ModuleCache } from './cache.ts';
import { type Compile, compileModule, type Recipe } from './compile.ts';

const ONE_PAGE = { memoryPages: 1 };

describe('a module cache', () => {
  let modules: { digest: string; bytes: Uint8Array }[];
  beforeAll(async () => {
    const bytes = await Promise.all(['a', 'b', 'c'].map((name) => wat(`(module (func (export "${name}")))`)));
    modules = bytes.map((each) => ({ digest: contentAddress(each), bytes: each }));
  });
  const cacheOf = (capacity: number) => {
    const cache = new ModuleCache(INLINE_POLICY, capacity);
    return (index: number, pages = 1) =>
      cache.get({ name: 'sample', ...modules[index]! }, { memoryPages: pages });
  };

  it('compiles a module once, for callers that come at the same time too', async () => {
    const get = cacheOf(2);
    const [first, second] = await Promise.all([get(0), get(0)]);
    expect(first).toBe(second);
    expect(await get(0)).toBe(first);
  });

  it('compiles it again for another cap', async () => {
    const get = cacheOf(2);
    expect(await get(0, 2)).not.toBe(await get(0, 1));
  });

  it('compiles it again for each way in which it can be rewritten', async () => {
    const recipes: Recipe[] = [];
    const compile: Compile = (bytes, policy, recipe) => {
      recipes.push(recipe);
      return compileModule(bytes, policy, recipe);
    };
    const ways: Recipe[] = [
      ONE_PAGE,
      { ...ONE_PAGE, metered: true },
      { ...ONE_PAGE, watched: true },
      { ...ONE_PAGE, keepNames: true },
      { ...ONE_PAGE, companionOf: () => undefined },
    ];
    const cache = new ModuleCache(INLINE_POLICY, ways.length, compile);
    const source = { name: 'sample', ...modules[0]! };
    const compiled = await Promise.all(ways.map((recipe) => cache.get(source, recipe)));
    expect(await Promise.all(ways.map((recipe) => cache.get(source, { ...recipe })))).toEqual(compiled);
    expect(recipes).toEqual(ways);
  });

  it('forgets the one that was not used for longest', async () => {
    const get = cacheOf(2);
    const [a, b] = [await get(0), await get(1)];
    expect(await get(0)).toBe(a);
    await get(2);
    expect(await get(0)).toBe(a);
    expect(await get(1)).not.toBe(b);
  });

  it('takes bytes only under their own digest', async () => {
    const cache = new ModuleCache(INLINE_POLICY);
    const [a, b] = modules;
    await expect(
      cache.get({ name: 'b', digest: a!.digest, bytes: b!.bytes }, ONE_PAGE),
    ).rejects.toMatchObject({ code: 'integrity' });
    // Once a digest is known, it alone says what runs.
    const known = await cache.get({ name: 'a', ...a! }, ONE_PAGE);
    expect(await cache.get({ name: 'b', digest: a!.digest, bytes: b!.bytes }, ONE_PAGE)).toBe(known);
  });

  it('does not keep a failure', async () => {
    const cache = new ModuleCache(INLINE_POLICY);
    const { digest, bytes } = modules[0]!;
    await expect(cache.get({ name: 'a', digest, bytes: bytes.subarray(1) }, ONE_PAGE)).rejects.toMatchObject({
      code: 'integrity',
    });
    expect(await cache.get({ name: 'a', digest, bytes }, ONE_PAGE)).toBeDefined();
  });

  it('knows bytes without a digest by their identity, and hashes nothing', async () => {
    const cache = new ModuleCache(INLINE_POLICY);
    const { bytes } = modules[0]!;
    const first = await cache.get({ name: 'a', bytes }, ONE_PAGE);
    expect(await cache.get({ name: 'a', bytes }, ONE_PAGE)).toBe(first);
    expect(await cache.get({ name: 'a', bytes }, { memoryPages: 2 })).not.toBe(first);
    expect(await cache.get({ name: 'a', bytes: bytes.slice() }, ONE_PAGE)).not.toBe(first);
  });
});

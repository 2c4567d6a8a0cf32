import { contentAddress } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { INLINE_POLICY } from '../binary/policy.ts';
import { ModuleCache } from './cache.ts';

describe('a module cache', () => {
  let modules: { digest: string; bytes: Uint8Array }[];
  beforeAll(async () => {
    const bytes = await Promise.all(['a', 'b', 'c'].map((name) => wat(`(module (func (export "${name}")))`)));
    modules = bytes.map((each) => ({ digest: contentAddress(each), bytes: each }));
  });
  const cacheOf = (capacity: number) => {
    const cache = new ModuleCache(INLINE_POLICY, capacity);
    return (index: number, pages = 1) => cache.get(modules[index]!.digest, modules[index]!.bytes, pages);
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
    await expect(cache.get(a!.digest, b!.bytes, 1)).rejects.toMatchObject({ code: 'integrity' });
    // Once a digest is known, it alone says what runs.
    const known = await cache.get(a!.digest, a!.bytes, 1);
    expect(await cache.get(a!.digest, b!.bytes, 1)).toBe(known);
  });

  it('does not keep a failure', async () => {
    const cache = new ModuleCache(INLINE_POLICY);
    const { digest, bytes } = modules[0]!;
    await expect(cache.get(digest, bytes.subarray(1), 1)).rejects.toMatchObject({ code: 'integrity' });
    expect(await cache.get(digest, bytes, 1)).toBeDefined();
  });
});

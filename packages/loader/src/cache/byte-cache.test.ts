import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.ts';

describe('the byte cache', () => {
  it('drops what was used longest ago when it is full', () => {
    const cache = new ByteCache(10);
    cache.set('a', new Uint8Array(4));
    cache.set('b', new Uint8Array(4));
    cache.get('a');
    cache.set('c', new Uint8Array(4));
    expect(['a', 'b', 'c'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c']);
  });

  it('holds exactly as many bytes as it may', () => {
    const cache = new ByteCache(8);
    cache.set('a', new Uint8Array(4));
    cache.set('b', new Uint8Array(4));
    expect(cache.get('a')).toHaveLength(4);
    cache.set('c', new Uint8Array(1));
    expect(['a', 'b', 'c'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c']);
  });

  it('does not keep what is larger than all of it', () => {
    const cache = new ByteCache(8);
    cache.set('a', new Uint8Array(8));
    cache.set('b', new Uint8Array(9));
    expect(cache.get('a')).toHaveLength(8);
    expect(cache.get('b')).toBeUndefined();
  });
});

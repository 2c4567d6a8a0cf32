import { expect, it } from 'vitest';
import { BindingsCache } from './bindings-cache.ts';

const set = (guestKey: string) => ({ extensionPointId: 'ext_1', guestKey });

it('answers only about the state that was asked for', () => {
  const cache = new BindingsCache(10);
  cache.put(set('acme'), 5, '{"a":1}');
  expect(cache.get(set('acme'), 5)).toBe('{"a":1}');
  expect(cache.get(set('acme'), 6)).toBeUndefined();
  expect(cache.get(set('other'), 5)).toBeUndefined();
  cache.put(set('acme'), 6, '{"a":2}');
  expect(cache.get(set('acme'), 5)).toBeUndefined();
  expect(cache.get(set('acme'), 6)).toBe('{"a":2}');
});

it('forgets what was not asked for the longest', () => {
  const cache = new BindingsCache(2);
  cache.put(set('a'), 1, 'a');
  cache.put(set('b'), 1, 'b');
  cache.put(set('a'), 1, 'a');
  cache.put(set('c'), 1, 'c');
  expect(['a', 'b', 'c'].map((key) => cache.get(set(key), 1))).toEqual(['a', undefined, 'c']);
});

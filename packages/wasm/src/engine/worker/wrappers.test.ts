import { expect, it } from 'vitest';
import { keepGenericWrappers } from './wrappers.ts';

it.each([
  ['24.21.0', ['--wasm-wrapper-tiering-budget=2147483647']],
  ['26.10.0', []],
])('on Node %s, V8 is told %j', (version, flags) => {
  const told: string[] = [];
  keepGenericWrappers(version, (flag) => told.push(flag));
  expect(told).toEqual(flags);
});

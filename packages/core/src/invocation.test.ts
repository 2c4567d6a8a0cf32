import { expect, it } from 'vitest';
import { rootInvocation } from './invocation.ts';

it('starts at depth 0 with nothing above it', () => {
  expect(rootInvocation('9m4e2mr0ui3e8a215n4g')).toEqual({ id: '9m4e2mr0ui3e8a215n4g', depth: 0 });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChanges, encodeChanges, type VariableChange } from './variable-changes.ts';

describe('changes of variables', () => {
  it('arrive as they were, empty values and deletions apart', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 40 });
    const value = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (changes) => {
        expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
      }),
    );
  });

  it('are no bytes when there are none', () => {
    expect(encodeChanges([])).toHaveLength(0);
  });

  it('do not keep what they came in for the sake of something small', () => {
    const changes: VariableChange[] = [
      ['small', new Uint8Array(10).fill(1)],
      ['large', new Uint8Array(10_000).fill(2)],
    ];
    const [small, large] = decodeChanges(encodeChanges(changes));
    expect(small?.[1]?.buffer.byteLength).toBe(10);
    expect(large?.[1]).toEqual(new Uint8Array(10_000).fill(2));
  });
});

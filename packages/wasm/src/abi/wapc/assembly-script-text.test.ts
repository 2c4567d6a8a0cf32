import { describe, expect, it } from 'vitest';
import { assemblyScriptText } from './assembly-script-text.ts';

const all = (length: number): number => length;

/** Memory with this text at 8, and its count of bytes before it. */
function memoryWith(text: string, count = 2 * text.length): Uint8Array {
  const bytes = Buffer.alloc(8 + 2 * text.length);
  bytes.writeUInt32LE(count, 4);
  bytes.write(text, 8, 'utf16le');
  return bytes;
}

describe('a string of AssemblyScript', () => {
  it.each(['', 'a', 'Grüße, 世界 😀'])('reads as %j', (text) => {
    expect(assemblyScriptText(memoryWith(text), 8, all)).toBe(text);
  });

  it('is cut to whole units', () => {
    expect(assemblyScriptText(memoryWith('abcd'), 8, () => 5)).toBe('ab');
    expect(assemblyScriptText(memoryWith('a😀'), 8, () => 4)).toBe('a\ufffd');
  });

  it('says how long it is before anything is read', () => {
    const lengths: number[] = [];
    assemblyScriptText(memoryWith('abc'), 8, (length) => lengths.push(length));
    expect(lengths).toEqual([6]);
  });

  it.each([
    ['null', 0, 6],
    ['a pointer without room for a count before it', 3, 6],
    ['a pointer behind the memory', 15, 6],
    ['a negative pointer', -1, 6],
    ['a count that reaches out of the memory', 8, 8],
    ['the largest count', 8, 0xffffffff],
    ['an odd count', 8, 5],
  ])('is none for %s', (_, pointer, count) => {
    expect(assemblyScriptText(memoryWith('abc', count), pointer, all)).toBeUndefined();
  });

  it('may end where the memory ends', () => {
    expect(assemblyScriptText(memoryWith('abc'), 8, all)).toBe('abc');
    expect(assemblyScriptText(memoryWith(''), 8, all)).toBe('');
  });
});

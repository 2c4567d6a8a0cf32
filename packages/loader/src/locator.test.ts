import { describe, expect, it } from 'vitest';
import { parseLocator } from './locator.ts';

describe('a locator', () => {
  it.each([
    ['plugin.wasm', 'plugin.wasm'],
    ['./a b/plugin.wasm', './a b/plugin.wasm'],
    ['C:\\plugins\\a.wasm', 'C:\\plugins\\a.wasm'],
    ['file:///tmp/a%20b.wasm', '/tmp/a b.wasm'],
    ['FILE:///tmp/a.wasm', '/tmp/a.wasm'],
  ])('%s is the file %s', (text, path) => {
    expect(parseLocator(text)).toEqual({ kind: 'file', path });
  });

  it.each([
    ['https://example.com/a.wasm', 'unsupported', 'locators of the form https: are not supported'],
    ['oci://registry/a:1', 'unsupported', 'locators of the form oci: are not supported'],
    ['file://elsewhere/a.wasm', 'invalid', '"file://elsewhere/a.wasm" is not a file URL of this machine'],
    ['', 'invalid', 'a locator must be a path or a file: URL'],
    ['file:///a%00b', 'invalid', 'a locator must be a path or a file: URL'],
    ['a\0b', 'invalid', 'a locator must be a path or a file: URL'],
  ])('%j is refused', (text, code, message) => {
    expect(() => parseLocator(text)).toThrow(expect.objectContaining({ code, message }));
  });
});

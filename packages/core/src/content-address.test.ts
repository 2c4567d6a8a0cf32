import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTENT_ADDRESS_PATTERN,
  contentAddress,
  parseContentAddress,
  verifyContent,
} from './content-address.ts';

const EMPTY = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
const ABC = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0';
const utf8 = new TextEncoder();

describe('contentAddress', () => {
  // The vectors of FIPS 180-4.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', EMPTY],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', ABC],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
      'JI1qYdIGOLjlwCaTDD5gOaM85Flk_yFn9uzt1BnbBsE',
    ],
    [
      'a'.repeat(1_000_000),
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
      'zcduXJkU-5KBocfihNc-Z_GAmkiklyAOBG05zMcRLNA',
    ],
  ])('is the base64url of the SHA-256 of %.10j', (text, sha256, address) => {
    expect(contentAddress(utf8.encode(text))).toBe(address);
    expect(Buffer.from(sha256, 'hex').toString('base64url')).toBe(address);
  });

  it('takes a view of a buffer with its own offset and length', () => {
    expect(contentAddress(utf8.encode('xxabcxx').subarray(2, 5))).toBe(ABC);
  });

  it('always has the form that parseContentAddress accepts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const address = contentAddress(bytes);

        expect(address).toHaveLength(43);
        expect(parseContentAddress(address)).toBe(address);
        expect(() => verifyContent(address, bytes)).not.toThrow();
      }),
    );
  });
});

describe('parseContentAddress', () => {
  it('accepts exactly those last characters that carry two zero bits', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const accepted = [...alphabet].filter((last) => CONTENT_ADDRESS_PATTERN.test(EMPTY.slice(0, 42) + last));

    expect(accepted).toEqual([...alphabet].filter((_, index) => index % 4 === 0));
  });

  it('accepts exactly the texts that are the canonical base64url of 32 bytes', () => {
    const text = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_-]{41,45}$/), fc.base64String(), fc.string());
    fc.assert(
      fc.property(text, (candidate) => {
        const bytes = Buffer.from(candidate, 'base64url');
        const canonical = bytes.length === 32 && bytes.toString('base64url') === candidate;

        expect(CONTENT_ADDRESS_PATTERN.test(candidate)).toBe(canonical);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['a character too few', EMPTY.slice(1)],
    ['a character too many', `${EMPTY}A`],
    ['padding', `${EMPTY}=`],
    ['plain base64', EMPTY.replace('-', '+')],
    ['a line end', `${EMPTY}\n`],
    ['a path', `../${EMPTY.slice(3)}`],
    ['hex', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('refuses %s', (_, text) => {
    expect(() => parseContentAddress(text)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `${JSON.stringify(text)} is not a content address`,
        hint: 'A content address is the unpadded base64url of a SHA-256: 43 characters.',
      }),
    );
  });

  it('quotes no more than 80 characters of what it refuses', () => {
    expect(() => parseContentAddress('x'.repeat(10_000))).toThrow(
      `"${'x'.repeat(80)}" is not a content address`,
    );
  });
});

describe('verifyContent', () => {
  it('passes the bytes that the address names', () => {
    expect(() => verifyContent(ABC, utf8.encode('abc'))).not.toThrow();
  });

  it('refuses other bytes as damaged and says whose they are', () => {
    expect(() => verifyContent(ABC, utf8.encode(''))).toThrow(
      expect.objectContaining({
        code: 'integrity',
        message: `content of ${ABC} is damaged: its bytes are those of ${EMPTY}`,
      }),
    );
  });

  it('notices every single flipped bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (bytes, position) => {
        const address = contentAddress(bytes);
        const bit = position % (bytes.length * 8);
        bytes.set([(bytes.at(bit >> 3) ?? 0) ^ (1 << (bit & 7))], bit >> 3);

        expect(() => verifyContent(address, bytes)).toThrow(expect.objectContaining({ code: 'integrity' }));
      }),
    );
  });
});

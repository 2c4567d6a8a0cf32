import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from './http-body.ts';

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

async function* inParts(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describe('readBody', () => {
  it('puts parts together, whatever their sizes, up to exactly the cap', async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 40_000, size: 'max' }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(parts, async (list) => {
        const whole = Buffer.concat(list);
        expect(Buffer.from(await readBody(inParts(list), whole.length, 'it')).equals(whole)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('gives memory of its own that is as long as the body', async () => {
    const part = new Uint8Array(100_000);
    const body = await readBody(inParts([part.subarray(0, 10), part.subarray(10, 70_000)]), 100_000, 'it');
    expect([body.length, body.byteOffset, body.buffer.byteLength]).toEqual([70_000, 0, 70_000]);
    expect(body.buffer).not.toBe(part.buffer);
  });

  it('is empty for no body', async () => {
    expect(await readBody(null, 0, 'it')).toEqual(new Uint8Array(0));
  });

  it('ends the body at the first byte too many', async () => {
    let given = 0;
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given++;
          yield new Uint8Array(10);
        }
      } finally {
        ended = true;
      }
    }
    await expect(readBody(endless(), 25, 'http://a/')).rejects.toMatchObject({
      code: 'limit',
      message: 'the answer of http://a/ is larger than 25 bytes',
    });
    expect([given, ended]).toEqual([3, true]);
  });

  it('keeps no more of a body in many small parts than its bytes', async () => {
    const shared = new Uint8Array(65_536);
    const before = heapInUse();
    let atEnd = 0;
    async function* small(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 500_000; at++) yield shared.subarray(at % 65_536, (at % 65_536) + 1);
      atEnd = heapInUse();
    }

    expect(await readBody(small(), 500_000, 'it')).toHaveLength(500_000);
    // As a list of parts they are 50 MB.
    expect(atEnd - before).toBeLessThan(5_000_000);
  });
});

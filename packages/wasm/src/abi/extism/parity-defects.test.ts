// What the Extism project's own SDK gets wrong: it is really so, and the day it is mended these tests say it.
import { type ExtismSdk, extismSdk, extismSdkUrl } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { DEFECTS } from '../../../test/parity/defects.ts';
import type { Implementation } from '../../../test/parity/peer.ts';
import { WORKER_DEFECTS } from '../../../test/parity/worker-defects.ts';

const { createPlugin }: ExtismSdk = await extismSdk();
const SDK = { createPlugin, url: extismSdkUrl() } as Implementation;

describe('the known defects', () => {
  it('are all there, now or for plugins in workers', () => {
    const numbers = new Set([...DEFECTS, ...WORKER_DEFECTS].flatMap(({ number }) => number ?? []));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
  });
});

describe('the SDK lacks that', () => {
  for (const { number, title, sdk } of [...DEFECTS, ...WORKER_DEFECTS]) {
    if (sdk !== undefined) it(number === undefined ? title : `${number}. ${title}`, () => sdk(SDK));
  }

  it('is shown for all but one, which later versions mended', () => {
    expect(DEFECTS.filter(({ sdk }) => sdk === undefined).map(({ number }) => number)).toEqual([1]);
  });
});

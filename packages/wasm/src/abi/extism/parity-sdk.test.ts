// The parity cases hold for the Extism project's own SDK: they ask for what it really does.
import { type ExtismSdk, extismSdk, extismSdkUrl } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import type { Implementation } from '../../../test/parity/peer.ts';
import { defineParitySuite, PARITY_CASES } from '../../../test/parity/suite.ts';
import { WITH_WORKER_ENGINE } from '../../../test/parity/with-worker-engine.ts';

const { createPlugin }: ExtismSdk = await extismSdk();

describe('the parity cases', () => {
  it("are all of the SDK's own tests, but the one that folders for reading only are unsupported", () => {
    const numbers = [...PARITY_CASES, ...WITH_WORKER_ENGINE].flatMap(({ number }) => number ?? []);
    const all = Array.from({ length: 48 }, (_, index) => index + 1);
    expect(numbers.sort((a, b) => a - b)).toEqual(all.filter((number) => number !== 45));
  });
});

defineParitySuite('the SDK', { createPlugin, url: extismSdkUrl() } as Implementation);

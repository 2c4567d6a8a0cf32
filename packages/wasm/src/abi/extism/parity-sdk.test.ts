// The parity cases hold for the Extism project's own SDK: they ask for what it really does.
import { type ExtismSdk, extismSdk, extismSdkUrl } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { type Implementation, inWorkers } from '../../../test/parity/peer.ts';
import { ANYWHERE, defineParitySuite, PARITY_CASES } from '../../../test/parity/suite.ts';

const { createPlugin }: ExtismSdk = await extismSdk();

describe('the parity cases', () => {
  it("are all of the SDK's own tests, but the one that folders for reading only are unsupported", () => {
    const numbers = PARITY_CASES.flatMap(({ number }) => number ?? []);
    const all = Array.from({ length: 48 }, (_, index) => index + 1);
    expect(numbers.sort((a, b) => a - b)).toEqual(all.filter((number) => number !== 45));
  });
});

const SDK = { createPlugin, url: extismSdkUrl() } as Implementation;

defineParitySuite('the SDK', SDK);
defineParitySuite('the SDK in workers', inWorkers(SDK), {
  cases: ANYWHERE,
  skip: [
    // An error that is set on its way is lost there.
    'cannot keep more bytes of variables than allowed',
    'lets host functions fail the call with a text, and allocate',
    // What cannot start there ends the process, or nobody hears of it.
    'names an import that nobody provides',
    'names the module that imports what nobody provides',
    'refuses a module that wants WASI when it is not enabled',
    'gives access to the instance',
  ],
});

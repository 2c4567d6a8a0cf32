// The façade passes the SDK's own tests with every plugin in a worker too, and has none of the SDK's defects there.
import { createPlugin } from '@plugbay/wasm/extism';
import { defineDefectSuite } from '../../../test/parity/defects.ts';
import { type Implementation, inWorkers } from '../../../test/parity/peer.ts';
import { ANYWHERE, defineParitySuite } from '../../../test/parity/suite.ts';

const facade = inWorkers({
  createPlugin,
  url: new URL('../../extism.ts', import.meta.url).href,
} as unknown as Implementation);

defineParitySuite('the façade in workers', facade, {
  cases: ANYWHERE,
  // The instance is on another thread, which the SDK says as well.
  skip: ['gives access to the instance'],
});
defineDefectSuite('the façade in workers lacks a defect:', facade);

// The façade passes the SDK's own tests, and has none of the SDK's defects.
import { createPlugin } from '@plugbay/wasm/extism';
import { defineDefectSuite } from '../../../test/parity/defects.ts';
import type { Implementation } from '../../../test/parity/peer.ts';
import { defineParitySuite } from '../../../test/parity/suite.ts';
import { WORKER_DEFECTS } from '../../../test/parity/worker-defects.ts';

const facade = {
  createPlugin,
  url: new URL('../../extism.ts', import.meta.url).href,
} as unknown as Implementation;

defineParitySuite('the façade', facade);
defineDefectSuite('the façade lacks a defect:', facade);
defineDefectSuite('the façade lacks a defect of workers:', facade, WORKER_DEFECTS);

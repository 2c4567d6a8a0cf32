// What it costs a guest to look, all the time, whether somebody wants it to look up.
import { guardModule, OWN_POLICY, watchModule } from '@plugbay/wasm/internal';
import type { FigureRow } from '../row.ts';
import { slowDown } from './slow-down.ts';

const MEMORY = { module: 'host', name: 'epoch' };
const LOOK_UP = { module: 'host', name: 'look_up' };

/** The geometric mean of the slow-downs of all kernels when they are watched and nobody wants anything of them. */
export const epochGeomean: FigureRow = {
  name: 'wasm/epoch/geomean',
  unit: 'x',
  must: null,
  mustMax: 1.12,
  figures: () =>
    slowDown(
      (bytes) => watchModule(bytes, guardModule(bytes, OWN_POLICY), { memory: MEMORY, lookUp: LOOK_UP }),
      { epoch: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), look_up: () => 1 },
    ),
};

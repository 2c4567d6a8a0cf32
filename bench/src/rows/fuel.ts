// What counting a guest's work costs it.
import { guardModule, meterModule, OWN_POLICY } from '@plugbay/wasm/internal';
import type { FigureRow } from '../row.ts';
import { slowDown } from './slow-down.ts';

// As the engine does it: the module asks for more whenever it has used so much.
const TICK = { module: 'host', name: 'tick' };
const SLICE = 100_000;

/** The geometric mean of the slow-downs of all kernels when they are metered. */
export const fuelGeomean: FigureRow = {
  name: 'wasm/fuel/geomean',
  unit: 'x',
  must: null,
  mustMax: 1.12,
  figures: () =>
    slowDown((bytes) => meterModule(bytes, guardModule(bytes, OWN_POLICY), { tick: TICK }), {
      tick: () => SLICE,
    }),
};

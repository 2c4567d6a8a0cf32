// WASI for the modules of an instance: its lines go to the plugin's log, and it sleeps no longer than its call may take.
import { PlugbayError } from '@plugbay/core';
import type { OutputName, WasiHost } from '../wasi/host.ts';
import { blockingSleep } from '../wasi/host.ts';
import { planWasi } from '../wasi/plan.ts';
import { Wasi } from '../wasi/wasi.ts';
import type { Environment } from './environment.ts';
import { writeLine } from './log.ts';
import type { Serving } from './suspension.ts';

/** Makes the WASI of one module of an instance. */
export type WasiMaker = (state: Serving) => Wasi;

/** Makes the WASI of each module with the plugin's grants. @throws PlugbayError `invalid` for grants that cannot be. */
export function wasiMaker(environment: Environment): WasiMaker {
  const { clock, limits, waiting, wasi } = environment;
  if (wasi === undefined) return ungranted;
  const plan = planWasi(wasi);
  return (state) => {
    const host: WasiHost = {
      line: (stream, text) => writeLine(environment, state, LEVEL[stream], () => text),
      sleep: (ms) => sleep(state, ms, waiting?.sleep ?? blockingSleep),
      clock,
      lineBytes: limits.logLineBytes,
    };
    return new Wasi(plan, host);
  };
}

// Linking has refused whoever would come here.
function ungranted(): never {
  throw new PlugbayError('internal', 'WASI is made without a grant');
}

const LEVEL: Readonly<Record<OutputName, 'info' | 'warn'>> = { stdout: 'info', stderr: 'warn' };

function sleep({ call }: Serving, ms: number, pass: (ms: number) => void): void {
  const left = call.remainingMs();
  const slept = Math.max(0, Math.min(ms, left));
  call.chargeSleep(slept);
  try {
    pass(slept);
  } catch (error) {
    throw call.failed(error);
  }
  if (ms > left)
    throw call.failed(new PlugbayError('timeout', 'the module sleeps longer than its call may take'));
}

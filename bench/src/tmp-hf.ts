// temporary
import createPlugin from '@extism/extism';
import { createInlineRuntime } from '@plugbay/wasm';
import { guest } from './guests.ts';

const bytes = await guest('hostfn');
const DOOR = {
  mode: () => undefined,
  callSync: () => {
    throw 1;
  },
  call: async () => {
    throw 1;
  },
  authorise: () => undefined,
} as any;
const input = new TextEncoder().encode('hello world');
const mode = process.argv[2];
const rt = createInlineRuntime();
const id = (_: any, x: any) => x;
const ida = async (_: any, x: any) => x;
const p = await rt.open(
  { name: 'x', bytes },
  { tenant: 't', door: DOOR, functions: { 'extism:host/user': { shout: id } } },
);
const pa = await rt.open(
  { name: 'x', bytes },
  { tenant: 't', door: DOOR, functions: { 'extism:host/user': { shout: ida } } },
);
const sdk = await createPlugin(new WebAssembly.Module(bytes), {
  functions: { 'extism:host/user': { shout: id } },
});
const sdka = await createPlugin(new WebAssembly.Module(bytes), {
  functions: { 'extism:host/user': { shout: ida } },
});
const N = 100000;
async function t(name: string, f: () => any, sync = false) {
  let best = 1e9;
  for (let k = 0; k < 6; k++) {
    const s = performance.now();
    if (sync) for (let i = 0; i < N; i++) f();
    else for (let i = 0; i < N; i++) await f();
    best = Math.min(best, performance.now() - s);
  }
  console.log(name, ((best / N) * 1e6).toFixed(0), 'ns');
  return best;
}
if (mode === 'prof') {
  for (let i = 0; i < 5e6; i++) p.callSync('run', input);
  process.exit();
}
if (mode === 'profa') {
  for (let i = 0; i < 2e6; i++) await pa.call('run', input);
  process.exit();
}
const a = await t('ours sync', () => p.callSync('run', input), true);
const v = await t('ours sync view', () => p.callSync('run', input, { output: 'view' }), true);
const b = await t('ours await', () => p.call('run', input));
const c = await t('sdk', () => sdk.call('run', input));
const d = await t('ours async', () => pa.call('run', input));
const e = await t('sdk async', () => sdka.call('run', input));
console.log(
  'hostfn',
  (c / b).toFixed(1),
  'sync',
  (c / a).toFixed(1),
  'view',
  (c / v).toFixed(1),
  'async',
  (e / d).toFixed(1),
);

// The public surface of @plugbay/testing.
export { type AssemblyScriptOptions, compileAssemblyScript } from './assembly-script.ts';
export { type CModule, compileC } from './c.ts';
export { type ExtismSdk, extismSdk, extismSdkUrl } from './extism-sdk.ts';
export { FAKE_CLOCK_START, FakeClock } from './fake-clock.ts';
export {
  HOSTILE_PLUGINS,
  type HostileAbi,
  type HostileEnd,
  type HostilePlugin,
  type HostileStart,
} from './hostile.ts';
export { HOSTILE_MODULES, type HostileModule } from './hostile-modules.ts';
export { type ApiAnswer, startTestServer, type TestServer } from './server.ts';
export { messagePack, type WapcPeer, wapcFixture, wapcPeer } from './wapc-peer.ts';
export { wat } from './wat.ts';

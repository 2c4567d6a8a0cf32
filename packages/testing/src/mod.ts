// The public surface of @plugbay/testing.
export { FAKE_CLOCK_START, FakeClock } from './fake-clock.ts';
export { type ApiAnswer, startTestServer, type TestServer } from './server.ts';
export { wat } from './wat.ts';

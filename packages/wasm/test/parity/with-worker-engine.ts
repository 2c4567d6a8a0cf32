// The SDK's own tests that are about plugins which run in a worker, as data for the engine that will have one.

export const WITH_WORKER_ENGINE = [
  {
    number: 34,
    title: 'waits for asynchronous host functions in a worker',
    guest: 'count-vowels-host',
    options: { runInWorker: true },
  },
  {
    number: 35,
    title: 'reflects variables of the plugin in the call context',
    guest: 'var-reflected',
    options: { runInWorker: true },
  },
  {
    number: 36,
    title: 'stops a call after timeoutMs',
    guest: 'loop-forever',
    options: { runInWorker: true, timeoutMs: 1 },
    message: 'EXTISM: call canceled due to timeout',
  },
  {
    number: 37,
    title: 'stops an initialisation after timeoutMs',
    guest: 'loop-forever-init',
    options: { runInWorker: true, timeoutMs: 1 },
    message: 'EXTISM: timed out while waiting for plugin to instantiate',
  },
  {
    number: 38,
    title: 'gives host functions the context of the call by reference',
    guest: 'count-vowels-host',
    options: { runInWorker: true },
  },
  {
    number: 39,
    title: 'writes what spans several buffers between the threads',
    guest: 'count-vowels-host',
    options: { runInWorker: true, sharedArrayBufferSize: 64 },
  },
  {
    number: 40,
    title: 'refuses a call from within a call',
    guest: 'count-vowels-host',
    options: { runInWorker: true },
    message: 'plugin is not reentrant',
  },
] as const;

/** What the SDK gets wrong only where a plugin runs in a worker; `expected` is what has to hold instead. */
export const WORKER_DEFECTS = [
  {
    number: 2,
    title: 'latency and memory grow with the number of calls, as nothing is reset',
    guest: 'count-vowels',
    calls: 4_000,
    expected: { count: 1, total: 4_000, vowels: 'aeiouAEIOU' },
  },
  {
    number: 11,
    title: 'errors arrive as plain objects, and traps without their name',
    guest: 'unreachable',
    function: 'do_unreachable',
    expected: { isError: true, message: 'unreachable' },
  },
  {
    number: 12,
    title: 'a host function that throws closes the worker for good',
    guest: 'count-vowels-host',
    function: 'count_vowels',
    expected: { secondCall: '{"count": 2}' },
  },
  {
    number: 12,
    title: 'a call that timed out takes the state of the plugin with it, and nobody is told',
    guest: 'loop-forever',
    function: 'loop_forever',
    expected: { stateLost: true },
  },
] as const;

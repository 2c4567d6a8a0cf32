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

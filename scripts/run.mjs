// The one entry of `npm start`, `npm test` and the rest: provide Node, install, build, then do what the task is about.
// Plain JavaScript that Node 20 runs without node_modules, for it has to work before anything is installed.

import { join } from 'node:path';
import { build } from './build.mjs';
import { environmentWith, run } from './child.mjs';
import { explain } from './failure.mjs';
import { install } from './install.mjs';
import { provideNode, provideOldestNode } from './node.mjs';
import { ROOT } from './root.mjs';
import { say } from './say.mjs';
import { test } from './test.mjs';
import { installed } from './tool.mjs';

const HOSTILE_TESTS = ['inline', 'worker'].map(
  (engine) => `packages/wasm/src/engine/${engine}/hostile.test.ts`,
);

const TASKS = {
  async start(args) {
    const env = await newestEnvironment();
    await install('lean', env);
    await build(['examples/demo', 'examples/checkout-app', 'packages/plugbay'], env);
    return runToEnd('node', ['examples/demo/dist/main.js', ...args], env);
  },
  async test(args) {
    return test(args, provideNode, { checks: args.length === 0 });
  },
  // Types and lint do not depend on the Node, so they run once, with `test`.
  async 'test:24'(args) {
    return test(args, provideOldestNode, { checks: false });
  },
  async bench(args) {
    const env = await newestEnvironment();
    await install('full', env);
    await build([], env);
    return runToEnd('node', ['bench/dist/main.js', ...args], env);
  },
  // As many rounds as one has an afternoon for; `npm test` has twenty.
  async soak(args) {
    const env = { PLUGBAY_HOSTILE_ROUNDS: '1000', ...(await newestEnvironment()) };
    await install('full', env);
    return runToEnd(installed('vitest'), ['run', ...HOSTILE_TESTS, ...args], env);
  },
  async build() {
    const env = await newestEnvironment();
    await install('full', env);
    await build([], env);
    return 0;
  },
  async format() {
    const env = await newestEnvironment();
    await install('full', env);
    return runToEnd(installed('biome'), ['check', '--write', '.'], env);
  },
};

async function newestEnvironment() {
  return environmentWith(await provideNode());
}

async function runToEnd(command, args, env) {
  const { code } = await run(command, args, { env, cwd: ROOT });
  return code;
}

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(TASKS, task)) {
  say(`usage: node ${join('scripts', 'run.mjs')} ${Object.keys(TASKS).join(' | ')}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await TASKS[task](args);
  } catch (error) {
    say(explain(error));
    process.exitCode = 1;
  }
}

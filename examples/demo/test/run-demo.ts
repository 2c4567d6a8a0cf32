// Starts the demo as a user does, in a process of its own, and waits until it has said everything.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
// 60 s: a cold start compiles the plugin, and CI machines are slow.
const START_TIMEOUT_MS = 60_000;

/** What a demo is told, and which arguments it gets. */
export interface DemoOptions {
  readonly dataDir: string;
  readonly args?: readonly string[];
  readonly port?: number;
  /** Beside the process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A demo that is up, or that has ended by itself. */
export interface Demo {
  readonly child: ChildProcess;
  /** What it printed so far, both streams. */
  readonly output: string;
  readonly url: string;
  readonly appId: string;
  readonly token: string;
  /** Sends a signal and answers the exit code, or the signal that it died of. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** Runs what `npm start` runs once everything is built, until it waits for Ctrl-C or ends. The caller stops it. */
export async function runDemo({ dataDir, args = [], port = 0, env: more = {} }: DemoOptions): Promise<Demo> {
  const env = { ...process.env, PLUGBAY_DATA: dataDir, PLUGBAY_PORT: String(port), ...more };
  const child = spawn(process.execPath, ['examples/demo/dist/main.js', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  const said = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the demo did not start in time:\n${output}`));
    }, START_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const listen = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('Ctrl-C stops it.')) done();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('close', done);
  });
  await said;
  const tokenFile = fact(output, 'token');
  return {
    child,
    output,
    url: fact(output, 'URL'),
    appId: fact(output, 'app'),
    token: tokenFile === '' ? '' : (await readFile(tokenFile, 'utf8')).trim(),
    async stop(signal) {
      child.kill(signal);
      const [code, by] = (await ended) as [number | null, NodeJS.Signals | null];
      return code ?? by;
    },
  };
}

function fact(output: string, name: string): string {
  return new RegExp(`^ {2}${name} +(\\S+)$`, 'm').exec(output)?.[1] ?? '';
}

// Runs one child process to its end, passes on the signals it would otherwise miss, and reports its exit code.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { StepFailed } from './failure.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// npm passes on a signal that the terminal has already delivered; a second one this soon is the same one.
const SAME_SIGNAL_MS = 500;

/** This process's environment with the folder of the chosen Node first on the PATH. */
export function environmentWith(nodeFolder) {
  return { ...process.env, PATH: [nodeFolder, process.env.PATH].filter(Boolean).join(delimiter) };
}

/**
 * Runs a command and answers `{ code, output }`; a death by signal is code 128 + its number. `output` is what it printed
 * when `stdio` pipes it, else ''. While it runs, this process waits for it instead of dying first.
 */
export function run(command, args, { env, cwd, stdio = 'inherit' }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
    const stopForwarding = forwardSignals(child);
    child.on('error', (error) => {
      stopForwarding();
      reject(
        error.code === 'ENOENT' ? new StepFailed(`${command} is not installed or not on the PATH`) : error,
      );
    });
    child.on('close', (code, signal) => {
      stopForwarding();
      resolve({ code: code ?? 128 + constants.signals[signal], output: Buffer.concat(chunks).toString() });
    });
  });
}

function forwardSignals(child) {
  const last = new Map();
  const forward = (signal) => {
    // Ctrl-C on a terminal goes to the whole process group: the child has it already.
    if (signal === 'SIGINT' && (process.stdin.isTTY || process.stderr.isTTY)) return;
    const now = performance.now();
    if (now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) < SAME_SIGNAL_MS) return;
    last.set(signal, now);
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}

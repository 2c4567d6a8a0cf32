// Runs one development tool as a named step: its own output is shown on a terminal, or when it fails.

import { join } from 'node:path';
import { run } from './child.mjs';
import { StepFailed } from './failure.mjs';
import { ROOT } from './root.mjs';
import { say, step } from './say.mjs';

/** The path of a command that an installed package brings. */
export function installed(command) {
  return join(ROOT, 'node_modules', '.bin', command);
}

/** Runs `command` in the repository's root and throws StepFailed unless it exits with 0. */
export async function runTool(name, command, args, { env, ...options }) {
  await step(
    name,
    async () => {
      const stdio = process.stderr.isTTY ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'];
      const { code, output } = await run(command, args, { env, cwd: ROOT, stdio });
      if (code === 0) return;
      if (output !== '') say(output.trimEnd());
      throw new StepFailed(`${name} failed (exit ${code})`);
    },
    options,
  );
}

// Compiles workspaces; TypeScript itself knows what is up to date.

import { installed, runTool } from './tool.mjs';

/** Builds the given projects and what they refer to; none given: everything. */
export async function build(projects, env) {
  await runTool('build', installed('tsc'), ['-b', ...projects], { env, silentUnderMs: 2_000 });
}

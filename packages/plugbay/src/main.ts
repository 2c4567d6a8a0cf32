#!/usr/bin/env node
// The plugbay command. It looks at its Node before it loads anything that an older one lacks.
const OLDEST_NODE = [24, 20] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) {
  const [{ createProgram }, { reportError }] = await Promise.all([
    import('./program.ts'),
    import('./report-error.ts'),
  ]);
  await createProgram().parseAsync().catch(reportError);
} else {
  console.error(
    `error: plugbay needs Node ${OLDEST_NODE.join('.')} or newer, and this is ${process.versions.node}`,
  );
  console.error('hint: Install a newer one; in a checkout, npm start brings one into .tools/.');
  process.exitCode = 1;
}

// plugbay inspect: what a module is made of, read from its bytes.
import { ARTIFACT_MAX_BYTES } from '@plugbay/core';
import { loadFile } from '@plugbay/loader';
import { inspectModule, type ModuleDescription } from '@plugbay/wasm';

/** What `plugbay inspect` is told. */
export interface InspectOptions {
  readonly json?: boolean;
}

/** Prints what the module in `path` is made of. @throws PlugbayError `not_found`, `invalid`, `limit`, `unsupported`, `unavailable`. */
export async function inspect(path: string, { json }: InspectOptions): Promise<void> {
  const { bytes } = await loadFile(path, ARTIFACT_MAX_BYTES);
  const description = inspectModule(bytes);
  console.log(json === true ? JSON.stringify(description) : describe(path, description));
}

function describe(path: string, module: ModuleDescription): string {
  const lines = [
    path,
    `  bytes    ${module.bytes}`,
    `  digest   ${module.digest}`,
    `  abi      ${module.abi ?? 'none that is known'}`,
    ...(module.language === undefined ? [] : [`  language ${module.language}`]),
    ...module.memories.map(({ initialPages, maximumPages }) => {
      return `  memory   ${initialPages} pages, at most ${maximumPages ?? 'as many as there are'}`;
    }),
    ...(module.start ? ['  start    runs a function when it is instantiated'] : []),
    `  exports${module.exports.length === 0 ? '  none' : ''}`,
    ...module.exports.map(({ name, kind, type, callable }) => {
      return `    ${name}: ${type ?? kind}${callable ? '  (callable)' : ''}`;
    }),
    `  imports${module.imports.length === 0 ? '  none' : ''}`,
    ...module.imports.flatMap(({ module: namespace, provider, imports }) => [
      `    ${namespace}  (${provider === 'app' ? 'the app provides it' : provider})`,
      ...imports.map(({ name, kind, type }) => `      ${name}: ${type ?? kind}`),
    ]),
    ...(module.customSections.length === 0 ? [] : ['  custom sections']),
    ...module.customSections.map(({ name, bytes }) => `    ${name}: ${bytes} bytes`),
  ];
  return lines.join('\n');
}

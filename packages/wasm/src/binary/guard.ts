// The guard: refuses modules that would hurt the process before anything of them is compiled.
import { PlugbayError } from '@plugbay/core';
import type { DeclaredLimits } from './limits.ts';
import { type ModuleShape, readModuleShape } from './module-shape.ts';
import { type GuardPolicy, keepBound } from './policy.ts';

/**
 * Passes when a module of this shape may be compiled.
 * @throws PlugbayError `limit` that names what, how much and the bound; `unsupported` for a proposal that is not let in.
 */
export function checkGuard(shape: ModuleShape, policy: GuardPolicy): void {
  const limitsOf = (kind: 'memory' | 'table'): DeclaredLimits[] =>
    shape.imports.flatMap((entry) =>
      entry.kind === kind && entry.limits !== undefined ? [entry.limits] : [],
    );
  const memories = [...limitsOf('memory'), ...shape.memories];
  const tables = [...limitsOf('table'), ...shape.tables];

  keepBound(policy, 'bytes', shape.bytes);
  keepBound(policy, 'types', shape.types);
  keepBound(policy, 'imports', shape.imports.length);
  keepBound(policy, 'functions', shape.functions);
  keepBound(policy, 'bodyBytes', shape.largestBody);
  keepBound(policy, 'locals', shape.locals);
  keepBound(policy, 'tables', tables.length);
  for (const table of tables) keepBound(policy, 'tableEntries', table.initial);
  keepBound(policy, 'elementSegments', shape.elementSegments);
  keepBound(policy, 'memories', memories.length);
  keepBound(policy, 'globals', shape.globals);
  keepBound(policy, 'tags', shape.tags);
  keepBound(policy, 'exports', shape.exports.length);
  keepBound(policy, 'customSections', shape.customSections.length);

  const wide = [...memories, ...tables].some((store) => store.wide);
  if (wide && !policy.memory64) throw refusal('64-bit addresses', 'for wasm32');
  const shared = [...memories, ...tables].some((store) => store.shared);
  if (shared && !policy.sharedMemory) throw refusal('a shared memory', 'without threads');
  if (shape.gc && !policy.gc) throw refusal('garbage-collected types', 'for linear memory');
}

/** The shape of a module that passed the guard. @throws as {@link readModuleShape} and {@link checkGuard}. */
export function guardModule(bytes: Uint8Array, policy: GuardPolicy): ModuleShape {
  const shape = readModuleShape(bytes, policy);
  checkGuard(shape, policy);
  return shape;
}

function refusal(what: string, remedy: string): PlugbayError {
  return new PlugbayError('unsupported', `the module uses ${what}, which this engine does not let in`, {
    hint: `Build the plugin ${remedy}.`,
  });
}

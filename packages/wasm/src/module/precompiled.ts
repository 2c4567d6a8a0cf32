// A module that somebody else compiled: its bytes are gone, so nothing of it is guarded, capped or merged.
import type { ExportShape, ImportShape } from '../binary/external.ts';
import { EMPTY_SHAPE } from '../binary/module-shape.ts';
import { UNTYPED } from '../binary/types.ts';
import type { CompiledModule } from './compile.ts';

/**
 * What can be known of a compiled module: its imports and exports by name, not by type. For trusted modules: its memory is
 * capped by nothing of ours.
 */
export function precompiled(module: WebAssembly.Module): CompiledModule {
  const imports = WebAssembly.Module.imports(module).map(
    ({ module: from, name, kind }): ImportShape => ({
      module: from,
      name,
      kind,
      type: typeOf(kind),
      limits: undefined,
    }),
  );
  const exports = WebAssembly.Module.exports(module).map(
    ({ name, kind }, index): ExportShape => ({ name, kind, index, type: typeOf(kind) }),
  );
  return { module, shape: { ...EMPTY_SHAPE, imports, exports }, merged: false };
}

function typeOf(kind: string): typeof UNTYPED | undefined {
  return kind === 'function' ? UNTYPED : undefined;
}

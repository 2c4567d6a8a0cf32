// Which modules a TypeScript source refers to: imports, re-exports, dynamic imports and import() types.

import { parseSync, Visitor } from 'oxc-parser';

/** One reference from a source file to a module. */
export interface ModuleReference {
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Every module that a source refers to by a literal, in the order of the text. Throws when it does not parse. */
export function moduleReferences(file: string, text: string): ModuleReference[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);

  const found: { specifier: string; start: number }[] = [];
  const add = (source: { value: string; start: number } | null): void => {
    if (source !== null) found.push({ specifier: source.value, start: source.start });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal' && typeof source.value === 'string')
        add({ value: source.value, start: source.start });
    },
  }).visit(program);

  return found
    .sort((a, b) => a.start - b.start)
    .map(({ specifier, start }) => ({ specifier, line: text.slice(0, start).split('\n').length }));
}

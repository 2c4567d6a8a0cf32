// The one form of a schema that servers answer and clients read, from any form that the grammar lets through.
import {
  contentTypeOf,
  type ExtensionSchema,
  type ImportDeclaration,
  type Parameter,
} from './extension-schema.ts';

/** The schema with its exports as a map and its content types in XTP's own spelling; nothing of `written` is changed. */
export function normalise(written: ExtensionSchema): ExtensionSchema {
  if (written.version === 'v0') {
    const names = Array.isArray(written.exports)
      ? (written.exports as string[])
      : Object.keys(written.exports);
    return { version: 'v0', exports: Object.fromEntries(names.map((name) => [name, {}])) };
  }
  const { exports, imports } = written;
  return { ...written, exports: spelled(exports), ...(imports && { imports: spelled(imports) }) };
}

function spelled<T extends ImportDeclaration>(declarations: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => {
      const { input, output } = declaration;
      const parameters = {
        ...(input && { input: carried(input) }),
        ...(output && { output: carried(output) }),
      };
      return [name, { ...declaration, ...parameters }];
    }),
  );
}

function carried(parameter: Parameter): Parameter {
  return { ...parameter, contentType: contentTypeOf(parameter.contentType) ?? parameter.contentType };
}

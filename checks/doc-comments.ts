// Every exported symbol has a doc comment where it is declared, and every front door is an explicit list.

import { posix } from 'node:path';
import { type Comment, type Directive, type Program, parseSync, type Statement } from 'oxc-parser';
import { hasFile, readText, readWorkspaces } from './workspace.ts';

const DOORS = ['src/mod.ts', 'src/internal.ts', 'src/http-call.ts'];

/** Every symbol exported from a package's front doors that has no doc comment, and every `export *` in a front door. */
export function docCommentBreaches(root: string): string[] {
  return readWorkspaces(root, ['packages/*'])
    .flatMap(({ folder }) => DOORS.map((door) => `${folder}/${door}`))
    .filter((door) => hasFile(root, door))
    .flatMap((door) => doorBreaches(root, door));
}

function doorBreaches(root: string, door: string): string[] {
  const { program } = parse(root, door);
  const breaches: string[] = [];
  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') breaches.push(`${door}: 'export *'; list the names`);
    if (statement.type === 'ExportDefaultDeclaration')
      breaches.push(`${door}: a default export; give it a name`);
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const name of exportedNames(statement)) {
      if (!hasDocComment(root, door, name))
        breaches.push(`${door}: '${name}' has no doc comment where it is declared`);
    }
  }
  return breaches;
}

type ExportNamed = Extract<Statement, { type: 'ExportNamedDeclaration' }>;

function exportedNames(statement: ExportNamed): string[] {
  const listed = statement.specifiers.map(({ exported }) => nameOf(exported));
  return statement.declaration === null ? listed : [...listed, ...declaredNames(statement.declaration)];
}

/** Follows re-exports from `file` to the declaration of `name`. A symbol of another package is that package's affair. */
function hasDocComment(root: string, file: string, name: string): boolean {
  const { program, comments, text } = parse(root, file);
  let local = name;
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const specifier = statement.specifiers.find(({ exported }) => nameOf(exported) === name);
    if (specifier === undefined) continue;
    local = nameOf(specifier.local);
    if (statement.source !== null) return followed(root, file, statement.source.value, local);
  }
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration') continue;
    const specifier = statement.specifiers.find((candidate) => candidate.local.name === local);
    if (specifier === undefined) continue;
    const imported = specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : 'default';
    return followed(root, file, statement.source.value, imported);
  }
  // Overloads, and a type beside a constant of the same name, share one comment.
  return program.body.some(
    (statement) =>
      declaredNames(statement).includes(local) && followsDocComment(statement.start, comments, text),
  );
}

function followed(root: string, file: string, specifier: string, name: string): boolean {
  if (!specifier.startsWith('.')) return true;
  return hasDocComment(root, posix.join(posix.dirname(file), specifier), name);
}

function followsDocComment(start: number, comments: readonly Comment[], text: string): boolean {
  return comments.some(
    ({ type, value, end }) =>
      type === 'Block' && value.startsWith('*') && end <= start && text.slice(end, start).trim() === '',
  );
}

function declaredNames(node: Statement | Directive): string[] {
  switch (node.type) {
    case 'ExportNamedDeclaration':
      return node.declaration === null ? [] : declaredNames(node.declaration);
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []));
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
      return node.id === null ? [] : [node.id.name];
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSEnumDeclaration':
      return [node.id.name];
    default:
      return [];
  }
}

function nameOf(node: { type: string; name?: string; value?: string }): string {
  return node.name ?? node.value ?? '';
}

function parse(root: string, file: string): { program: Program; comments: Comment[]; text: string } {
  const text = readText(root, file);
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  return { program, comments, text };
}

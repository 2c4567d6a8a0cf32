// Which of XTP's forms a document has. Of any other form the grammar would find fault with everything.
import type { SchemaDocument } from './document.ts';
import { refusedSchema } from './finding.ts';

/** Passes when a document is in a form that the grammar knows. @throws PlugbayError `invalid` with what to write instead. */
export function checkForm({ root, locate }: SchemaDocument): void {
  const fault = formFault(root);
  if (fault !== undefined) throw refusedSchema([locate(fault)], fault.hint);
}

function formFault(root: unknown): { path: string; message: string; hint: string } | undefined {
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    return { path: '#', message: 'must be a map', hint: 'Begin with "version: v1-draft" and "exports:".' };
  }
  const { version, exports, imports, schemas } = root as Readonly<Record<string, unknown>>;
  if (version === 'v0') return undefined;
  if (version !== 'v1-draft') {
    return { path: '#/version', message: 'must be v1-draft or v0', hint: 'Write "version: v1-draft".' };
  }
  if (!Array.isArray(exports) && !Array.isArray(imports) && schemas === undefined) return undefined;
  const message = 'is in the form with lists that v1-draft had before 5 August 2024';
  return { path: '#', message, hint: 'Write exports, imports and components.schemas as maps by name.' };
}

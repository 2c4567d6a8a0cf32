// Branch hints: a custom section that tells the compiler which branches are almost never taken. Nothing depends on it but
// speed. https://github.com/WebAssembly/branch-hinting/blob/main/proposals/branch-hinting/Overview.md
import { name, unsigned } from './encode.ts';

/** The unlikely branches of one function. */
export interface FunctionHints {
  /** Its place among the functions that the module defines. */
  readonly ordinal: number;
  /** The places of the branches, from the start of the body, in their order. Bytes. */
  readonly unlikely: readonly number[];
}

const SECTION_NAME = 'metadata.code.branch_hint';
const UNLIKELY = 0;

/** The content of the section, in which the first defined function has the index `first`; undefined when there is nothing to say. */
export function branchHints(functions: readonly FunctionHints[], first: number): Uint8Array | undefined {
  if (functions.length === 0) return undefined;
  const content = [...name(SECTION_NAME), ...unsigned(functions.length)];
  for (const { ordinal, unlikely } of functions) {
    content.push(...unsigned(first + ordinal), ...unsigned(unlikely.length));
    // Each hint is one byte long.
    for (const at of unlikely) content.push(...unsigned(at), 1, UNLIKELY);
  }
  return Uint8Array.from(content);
}

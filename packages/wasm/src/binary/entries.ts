// Entries of sections, as code of ours adds them to modules.
import { concat, name, unsigned } from './encode.ts';
import type { ExternalKind } from './external.ts';
import { SPACE } from './index-space.ts';
import { TYPE_FORM } from './types.ts';

/** Entries of one section in the binary format. */
export interface Entries {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** The codes of number types. */
export const NUMBER_TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;

/** One of the number types. */
export type NumberType = keyof typeof NUMBER_TYPE;

/** Several entries as one. */
export function entries(list: readonly (Uint8Array | readonly number[])[]): Entries {
  return { count: list.length, bytes: concat(list.map((entry) => Uint8Array.from(entry))) };
}

/** First the one's entries, then the other's. */
export function joined(first: Entries, second: Entries): Entries {
  if (first.count === 0) return second;
  return { count: first.count + second.count, bytes: concat([first.bytes, second.bytes]) };
}

/** A function type. */
export function functionType(parameters: readonly NumberType[], results: readonly NumberType[]): number[] {
  const codes = (types: readonly NumberType[]): number[] => types.map((type) => NUMBER_TYPE[type]);
  return [
    TYPE_FORM.func,
    ...[...unsigned(parameters.length), ...codes(parameters)],
    ...[...unsigned(results.length), ...codes(results)],
  ];
}

/** An export. */
export function exported(exportName: string, kind: ExternalKind, index: number): number[] {
  return [...name(exportName), SPACE[kind], ...unsigned(index)];
}

/** A function body with locals of these types; `code` ends with `end`. */
export function body(code: readonly number[], locals: readonly NumberType[] = []): number[] {
  const declared = locals.flatMap((type) => [1, NUMBER_TYPE[type]]);
  const content = [...unsigned(locals.length), ...declared, ...code];
  return [...unsigned(content.length), ...content];
}

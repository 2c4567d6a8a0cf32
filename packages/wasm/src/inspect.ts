// What a module is made of, for people and for the registry: read from its bytes, without compiling or running it.
import { type AbiName, contentAddress } from '@plugbay/core';
import { detectAbi } from './abi/detect.ts';
import { isCallable } from './abi/extism/callable.ts';
import type { ExternalKind, ImportShape } from './binary/external.ts';
import { type CustomSection, type ModuleShape, readModuleShape } from './binary/module-shape.ts';
import { INLINE_POLICY } from './binary/policy.ts';
import { SECTION } from './binary/sections.ts';
import { signature } from './binary/types.ts';

/** Who usually provides a namespace: an ABI, WASI, or the app with host functions and callbacks. */
export type Provider = AbiName | 'wasi' | 'app';

/** One import or export. */
export interface ExternalDescription {
  readonly name: string;
  readonly kind: ExternalKind;
  /** A function's signature, for example `(i64, i64) -> i64`. */
  readonly type?: string;
}

/** One export. */
export interface ExportDescription extends ExternalDescription {
  /** Whether it has the type of a plugin function. */
  readonly callable: boolean;
}

/** The imports from one namespace. */
export interface ImportGroup {
  readonly provider: Provider;
  readonly module: string;
  readonly imports: readonly ExternalDescription[];
}

/** The module's own memory. */
export interface MemoryDescription {
  /** Pages of 64 KiB. */
  readonly initialPages: number;
  readonly maximumPages?: number;
}

/** A section's name and size. */
export interface SectionDescription {
  /** As the specification names it: `type`, `code`, `dataCount`, … */
  readonly name: string;
  /** Bytes of its content. */
  readonly bytes: number;
}

/** What a module is made of. */
export interface ModuleDescription {
  readonly bytes: number;
  /** The content address. */
  readonly digest: string;
  /** The calling convention; absent when it follows none that we know. */
  readonly abi?: AbiName;
  /** What its compiler says it was written in. */
  readonly language?: string;
  readonly exports: readonly ExportDescription[];
  /** In the order in which the module names them first. */
  readonly imports: readonly ImportGroup[];
  readonly memories: readonly MemoryDescription[];
  /** Every section but the custom ones, in their order. */
  readonly sections: readonly SectionDescription[];
  readonly customSections: readonly CustomSection[];
  /** Whether a function runs as soon as the module is instantiated. */
  readonly start: boolean;
}

/** Describes a module. @throws PlugbayError `invalid`, `limit` (counts beyond the guard's), `unsupported` (a component). */
export function inspectModule(bytes: Uint8Array): ModuleDescription {
  return describe(bytes, readModuleShape(bytes, INLINE_POLICY));
}

/** Describes a module of a known shape. */
export function describe(bytes: Uint8Array, shape: ModuleShape): ModuleDescription {
  const abi = detectAbi(shape);
  return {
    bytes: shape.bytes,
    digest: contentAddress(bytes),
    ...(abi === undefined ? {} : { abi }),
    ...(shape.language === undefined ? {} : { language: shape.language }),
    exports: shape.exports.map((entry) => ({ ...describeExternal(entry), callable: isCallable(entry) })),
    imports: groupImports(shape.imports),
    memories: shape.memories.map(({ initial, maximum }) => ({
      initialPages: initial,
      ...(maximum === undefined ? {} : { maximumPages: maximum }),
    })),
    sections: describeSections(shape),
    customSections: shape.customSections,
    start: shape.start,
  };
}

const SECTION_NAMES = new Map<number, string>(Object.entries(SECTION).map(([name, id]) => [id, name]));

function describeSections({ sections }: ModuleShape): SectionDescription[] {
  return sections
    .filter(({ id }) => id !== SECTION.custom)
    .map(({ id, start, end }) => ({ name: SECTION_NAMES.get(id) ?? String(id), bytes: end - start }));
}

function describeExternal({
  name,
  kind,
  type,
}: Pick<ImportShape, 'name' | 'kind' | 'type'>): ExternalDescription {
  return { name, kind, ...(type === undefined ? {} : { type: signature(type) }) };
}

function groupImports(imports: readonly ImportShape[]): ImportGroup[] {
  const groups = Map.groupBy(imports, ({ module }) => module);
  return [...groups].map(([module, members]) => ({
    provider: providerOf(module),
    module,
    imports: members.map(describeExternal),
  }));
}

function providerOf(module: string): Provider {
  if (module === 'extism:host/env') return 'extism';
  if (module === 'wapc' || module === 'apiqube') return module;
  return module.startsWith('wasi_') ? 'wasi' : 'app';
}

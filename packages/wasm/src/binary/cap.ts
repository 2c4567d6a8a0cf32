// The cap: rewrites how far a module's memories and tables may grow, so that V8 itself keeps them there.
import { PAGE_BYTES, PlugbayError } from '@plugbay/core';
import type { DeclaredLimits } from './limits.ts';
import type { ModuleShape } from './module-shape.ts';
import { SECTION } from './sections.ts';
import { MEMORY_MAX_PAGES } from './stores.ts';

/** How far stores may grow. */
export interface Caps {
  /** Pages of all memories together. */
  readonly memoryPages: number;
  /** Entries of each table. */
  readonly tableEntries: number;
}

const PREAMBLE_BYTES = 8;

/**
 * The module with its maxima lowered to `caps` and without its custom sections; all else is the same bytes. Growing
 * beyond a maximum answers -1, as it does in every host. The module must have passed the guard.
 * @throws PlugbayError `limit` when its memories start larger than the cap, `unsupported` when it imports a memory.
 */
export function capModule(bytes: Uint8Array, shape: ModuleShape, caps: Caps): Uint8Array {
  const imported = shape.imports.find(({ kind }) => kind === 'memory');
  if (imported !== undefined) {
    throw new PlugbayError(
      'unsupported',
      `the module imports its memory (${imported.module} ${imported.name})`,
      {
        hint: 'Build the plugin so that it defines and exports its own memory.',
      },
    );
  }
  const parts: Uint8Array[] = [bytes.subarray(0, PREAMBLE_BYTES)];
  for (const { id, start, end } of shape.sections) {
    if (id === SECTION.custom) continue;
    let content = [bytes.subarray(start, end)];
    if (id === SECTION.memory)
      content = memorySection(shape.memories, Math.min(caps.memoryPages, MEMORY_MAX_PAGES));
    else if (id === SECTION.table) content = tableSection(bytes, start, end, shape, caps.tableEntries);
    parts.push(Uint8Array.of(id, ...unsigned(lengthOf(content))), ...content);
  }
  return concat(parts);
}

// What is left of the cap after every memory has its start is given to the first one that may grow, then to the next.
function memorySection(memories: readonly DeclaredLimits[], cap: number): Uint8Array[] {
  const initial = memories.reduce((sum, memory) => sum + memory.initial, 0);
  if (initial > cap) {
    throw new PlugbayError(
      'limit',
      `the module starts with ${initial} pages of memory; memoryPages is ${cap}`,
      {
        hint: `Raise memoryPages to ${initial} (${initial * PAGE_BYTES} bytes) or more.`,
      },
    );
  }
  let left = cap - initial;
  const limits = memories.map((memory) => {
    const growth = Math.min(left, (memory.maximum ?? cap) - memory.initial);
    left -= growth;
    return encodeLimits(memory.initial, memory.initial + growth);
  });
  return [Uint8Array.from(unsigned(memories.length)), ...limits];
}

function tableSection(
  bytes: Uint8Array,
  start: number,
  end: number,
  { tables }: ModuleShape,
  cap: number,
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let copied = start;
  for (const { initial, maximum, limitsStart, limitsEnd } of tables) {
    parts.push(bytes.subarray(copied, limitsStart), encodeLimits(initial, Math.min(maximum ?? cap, cap)));
    copied = limitsEnd;
  }
  return [...parts, bytes.subarray(copied, end)];
}

function encodeLimits(initial: number, maximum: number): Uint8Array {
  return Uint8Array.of(1, ...unsigned(initial), ...unsigned(maximum));
}

function unsigned(value: number): number[] {
  const encoded: number[] = [];
  let left = value;
  while (left >= 0x80) {
    encoded.push((left & 0x7f) | 0x80);
    left = Math.floor(left / 0x80);
  }
  return [...encoded, left];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lengthOf(parts));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

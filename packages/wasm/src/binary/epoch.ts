// Epoch: a module that looks, at every turn of a loop and at calls, at a flag that another thread can set, and asks its host when it
// is set whether to go on.
import type { Caps } from './capped-limits.ts';
import { readCharges } from './charges.ts';
import { editModule } from './edit.ts';
import { unsigned } from './encode.ts';
import { body, entries, functionType } from './entries.ts';
import { layoutOf } from './layout.ts';
import type { ModuleShape } from './module-shape.ts';
import { OPCODE as O } from './opcodes.ts';
import type { Instrumentation, Snippet } from './rewrite-code.ts';
import { MEMORY_MAX_PAGES } from './stores.ts';

/** An import by its name. */
interface NamedImport {
  readonly module: string;
  readonly name: string;
}

/** What a module looks at, and how. */
export interface EpochOptions {
  /** The shared memory that it imports. Any size with room for the flag will do. */
  readonly memory: NamedImport;
  /**
   * The function that it imports and calls when the flag is set: `() -> i32`. It goes on when the answer is not 0, and looks at the
   * flag again at its next turn or call; at 0 it ends with a trap, which no guest can catch. The function may suspend the guest. It
   * may throw instead of answering; a guest that catches that comes back at its next turn or call.
   */
  readonly lookUp: NamedImport;
  /** Where in the memory the flag is: an i32, which is 0 while nobody wants the module to look up. Bytes, a multiple of 4. @default 0 */
  readonly offset?: number;
  /** From this one of the functions that the module defines on they are the host's own, which end soon. @default none is */
  readonly trusted?: number;
  readonly caps?: Caps;
  /** Custom sections that stay. @default 'none' */
  readonly custom?: 'none' | 'name';
}

/**
 * The module with a look at the flag wherever it could go on for long; once the flag is set, it asks `lookUp`. A bulk operation or a
 * call of the host is not interrupted.
 * @throws as {@link editModule}; `invalid` when the module imports what is reserved itself.
 */
export function watchModule(bytes: Uint8Array, shape: ModuleShape, options: EpochOptions): Uint8Array {
  const { memory, lookUp, offset = 0, trusted, caps, custom = 'none' } = options;
  const layout = layoutOf(shape, {
    imports: [
      { ...memory, kind: 'memory', type: ANY_SHARED_MEMORY },
      { ...lookUp, kind: 'function', type: unsigned(shape.types + TYPE.lookUp) },
    ],
  });
  const asking = layout.added('function', 1);
  return editModule(bytes, shape, {
    custom,
    layout,
    ...(caps && { caps }),
    append: {
      type: entries([functionType([], ['i32']), functionType([], [])]),
      function: entries([unsigned(shape.types + TYPE.ask)]),
      code: entries([ask(layout.added('function', 0))]),
    },
    code: instrumentation(bytes, shape, trusted, look(layout.added('memory', 0), offset, asking)),
  });
}

const SHARED_WITH_MAXIMUM = 3;
const ANY_SHARED_MEMORY = [SHARED_WITH_MAXIMUM, 0, ...unsigned(MEMORY_MAX_PAGES)];

// The types that are added, in their order.
const TYPE = { lookUp: 0, ask: 1 } as const;

const EMPTY_BLOCK = 0x40;
const I32_ATOMIC_LOAD = [0xfe, 0x10];
// 2^2 bytes, and bit 6: a memory follows.
const ALIGNMENT_AND_MEMORY = 2 | 0x40;

// An atomic load, because the compiler may take any other one out of a loop.
function look(memory: number, offset: number, asking: number): Snippet {
  const load = [ALIGNMENT_AND_MEMORY, ...unsigned(memory), ...unsigned(offset)];
  const condition = [O.i32Const, 0, ...I32_ATOMIC_LOAD, ...load];
  return {
    bytes: [...condition, O.if, EMPTY_BLOCK, O.call, ...unsigned(asking), O.end],
    unlikely: condition.length,
  };
}

// A function of its own, so that each look stays short.
function ask(lookUp: number): number[] {
  return body([
    ...[O.call, ...unsigned(lookUp), O.i32EqualZero],
    ...[O.if, EMPTY_BLOCK, O.unreachable, O.end],
    O.end,
  ]);
}

function instrumentation(
  bytes: Uint8Array,
  shape: ModuleShape,
  trusted: number | undefined,
  snippet: Snippet,
): Instrumentation {
  const { charges } = readCharges(bytes, shape, trusted);
  return (ordinal) => {
    const { entry = 0, loops = [] } = charges[ordinal] ?? {};
    if (entry === 0 && loops.length === 0) return undefined;
    return {
      ...(entry > 0 && { entry: snippet }),
      after: ({ opcode }) => (opcode === O.loop ? snippet : undefined),
    };
  };
}

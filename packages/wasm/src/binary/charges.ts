// What the regions of a module's functions cost, and which of them are charged: every way through the code that can go on
// for long passes a charge, and between two charges there is little.
import { countsOf } from './layout.ts';
import type { ModuleShape } from './module-shape.ts';
import { type FunctionRegions, type Region, readRegions, UNIT_INSTRUCTIONS } from './regions.ts';
import { SECTION } from './sections.ts';

/** The units that are charged in one function. */
export interface FunctionCharges {
  /** When it is entered; 0 when its callers are charged for it. */
  readonly entry: number;
  /** At each turn of each loop, in the order of their starts. */
  readonly loops: readonly number[];
  /** Whether nothing is charged while it runs, in what it calls neither, and it ends by returning. */
  readonly quiet: boolean;
}

/** The functions that a module defines, what is charged in each, and how many it imports before them. */
export interface Charges {
  readonly functions: readonly FunctionRegions[];
  readonly charges: readonly FunctionCharges[];
  readonly imported: number;
}

/**
 * The charges of a module. A function is not charged when it is entered if what runs outside of its loops, with all that it
 * calls there, is at most one unit; its callers are charged for it instead. A function that may call itself there, or that
 * calls what is not known (imports, tables, references), is always charged. From the defined function `trusted` on they are
 * our own, which end soon: nothing but their bulk operations is charged.
 * @throws PlugbayError `invalid`, `unsupported` (an unknown instruction).
 */
export function readCharges(
  bytes: Uint8Array,
  shape: ModuleShape,
  trusted: number = shape.functions,
): Charges {
  const code = shape.sections.find(({ id }) => id === SECTION.code);
  const functions = code === undefined ? [] : readRegions(bytes, code);
  const imported = countsOf(shape).imported.function;
  return { functions, imported, charges: chargesOf({ functions, imported, trusted }) };
}

interface MeteredFunctions extends Pick<Charges, 'functions' | 'imported'> {
  readonly trusted: number;
}

function chargesOf(module: MeteredFunctions): FunctionCharges[] {
  const { functions, imported, trusted } = module;
  const { costs, quiet } = visitFunctions(module);
  const unitsOf = ({ instructions, calls, unknownCalls }: Region): number => {
    let cost = instructions + unknownCalls * UNIT_INSTRUCTIONS;
    for (const callee of calls) cost += costs[callee - imported] ?? 0;
    return Math.ceil(cost / UNIT_INSTRUCTIONS);
  };
  return functions.map(({ outside, loops }, index) => {
    const charged = index < trusted;
    return {
      entry: charged && costs[index] === CHARGED ? unitsOf(outside) : 0,
      loops: charged ? loops.map(unitsOf) : [],
      quiet: quiet[index] === 1,
    };
  });
}

// Only what our own functions cost can come near; it fits the array.
const COST_MAX = 2 ** 30;
const CHARGED = 0;
const UNVISITED = -1;
const VISITING = -2;

interface Visits {
  /** For each function the instructions that its callers are charged for it, or CHARGED when it is charged itself. */
  readonly costs: Int32Array;
  readonly quiet: Uint8Array;
}

// A walk over the calls outside of loops, callees first, without recursion: chains of calls can be as long as the module.
function visitFunctions(module: MeteredFunctions): Visits {
  const { functions, imported } = module;
  const costs = new Int32Array(functions.length).fill(UNVISITED);
  const visits: Visits = { costs, quiet: new Uint8Array(functions.length) };
  const cyclic = new Uint8Array(functions.length);
  for (let root = 0; root < functions.length; root++) {
    if (costs[root] !== UNVISITED) continue;
    costs[root] = VISITING;
    const path = [{ index: root, next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const callee = functions[top.index]?.outside.calls[top.next++];
      if (callee === undefined) {
        path.pop();
        settle(module, visits, top.index, cyclic[top.index] === 1);
        continue;
      }
      const index = callee - imported;
      if (costs[index] === VISITING) cyclic[index] = 1;
      else if (costs[index] === UNVISITED) {
        costs[index] = VISITING;
        path.push({ index, next: 0 });
      }
    }
  }
  return visits;
}

// Settles a function all of whose callees are settled, but those that close a cycle and are charged for it.
function settle(module: MeteredFunctions, { costs, quiet }: Visits, index: number, cyclic: boolean): void {
  const { functions, imported, trusted } = module;
  const { outside, loops, bulk, throws } = functions[index] as FunctionRegions;
  let known = outside.unknownCalls === 0;
  let cost = outside.instructions;
  let silent = bulk === 0 && loops.length === 0 && !throws;
  for (const callee of outside.calls) {
    if (callee < imported) known = false;
    cost += Math.max(costs[callee - imported] ?? 0, 0);
    silent &&= quiet[callee - imported] === 1;
  }
  const covered = index >= trusted || (known && !cyclic && cost <= UNIT_INSTRUCTIONS);
  costs[index] = covered ? Math.min(cost, COST_MAX) : CHARGED;
  quiet[index] = known && covered && silent ? 1 : 0;
}

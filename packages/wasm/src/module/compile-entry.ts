// The entry of a compile thread: compiles what it is sent, one module after the other, and sends it back.
import { parentPort, workerData } from 'node:worker_threads';
import { Abis } from '../abi/abis.ts';
import { internalError } from '../abi/trap.ts';
import type { ModuleShape } from '../binary/module-shape.ts';
import { giveWay } from '../engine/priority.ts';
import type { Companion } from './companion.ts';
import { compileModuleSync } from './compile.ts';
import type { CompileAnswer, CompileRequest, CompileThreadData } from './compile-messages.ts';

giveWay();
const { sharedExchange } = workerData as CompileThreadData;
const abis = new Abis(sharedExchange);
const ownCompanion = (shape: ModuleShape): Companion | undefined => abis.of(shape).companion;

parentPort?.on('message', (request: CompileRequest) => parentPort?.postMessage(answer(request)));

function answer({ bytes, policy, recipe, merges }: CompileRequest): CompileAnswer {
  try {
    const companionOf = merges ? ownCompanion : undefined;
    return { compiled: compileModuleSync(bytes, policy, { ...recipe, companionOf }) };
  } catch (error) {
    const { code, message, hint } = internalError(error);
    return { failure: { code, message, hint } };
  }
}

// What a guest asks of its host: host calls, and what the last of them came to.
import type { Environment } from '../environment.ts';
import { Names } from '../names.ts';
import { hostCallImport } from './host-call.ts';
import { HOST_CALL } from './signatures.ts';
import type { ImportMaker, WapcState } from './state.ts';

/** The imports by which a guest asks its host, by name. */
export function hostImports(environment: Environment): ReadonlyMap<string, ImportMaker> {
  // One for all instances: their guest asks for the same names.
  const names = new Names();
  return new Map<string, ImportMaker>([
    [HOST_CALL, (state) => hostCallImport(environment, state, names)],
    ['__host_response_len', (state) => () => state.hostResponse.length],
    ['__host_response', (state) => (at: number) => hand(state, '__host_response', at, state.hostResponse)],
    ['__host_error_len', (state) => () => state.hostError.length],
    ['__host_error', (state) => (at: number) => hand(state, '__host_error', at, state.hostError)],
  ]);
}

function hand(state: WapcState, name: string, at: number, content: Uint8Array): void {
  const start = state.locate(name, at, content.length);
  state.call.chargeCopy(content.length);
  state.memory.write(content, start);
}

// args_get, environ_get and what asks for their sizes.
import type { WasiCall, WasiState } from '../state.ts';

/** The functions over the command line and the environment. */
export function stringCalls(state: WasiState): Record<string, WasiCall> {
  return {
    args_get: (pointers: number, buffer: number) => write(state, state.args, pointers, buffer),
    args_sizes_get: (count: number, size: number) => writeSizes(state, state.args, count, size),
    environ_get: (pointers: number, buffer: number) => write(state, state.env, pointers, buffer),
    environ_sizes_get: (count: number, size: number) => writeSizes(state, state.env, count, size),
  };
}

function write(
  { memory }: WasiState,
  strings: readonly Uint8Array[],
  pointers: number,
  buffer: number,
): void {
  const pointersAt = memory.at(pointers, strings.length * 4);
  const bytes = memory.bytes(buffer, sizeOf(strings));
  let used = 0;
  for (const [index, string] of strings.entries()) {
    memory.setU32(pointersAt + index * 4, (buffer >>> 0) + used);
    bytes.set(string, used);
    used += string.length;
  }
}

function writeSizes(
  { memory }: WasiState,
  strings: readonly Uint8Array[],
  count: number,
  size: number,
): void {
  const countAt = memory.at(count, 4);
  const sizeAt = memory.at(size, 4);
  memory.setU32(countAt, strings.length);
  memory.setU32(sizeAt, sizeOf(strings));
}

function sizeOf(strings: readonly Uint8Array[]): number {
  return strings.reduce((total, string) => total + string.length, 0);
}

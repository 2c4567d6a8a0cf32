// Clocks, randomness, the end of the guest, and what a guest without threads, signals and sockets gets.
import { refuse } from '../errno.ts';
import type { WasiCall, WasiState } from '../state.ts';

/** The functions that concern no file. */
export function processCalls(state: WasiState): Record<string, WasiCall> {
  const { memory, clocks, random, descriptors } = state;
  // A descriptor that is open is none of a socket: nothing here makes one.
  const socket = (fd: number): never => {
    descriptors.get(fd);
    return refuse('ENOTSOCK');
  };
  return {
    clock_res_get: (id: number, result: number) => {
      const at = memory.at(result, 8);
      memory.setU64(at, clocks.resolution(id));
    },
    // Our times are exact at once, so the lag that the guest would allow says nothing.
    clock_time_get: (id: number, _precision: bigint, result: number) => {
      const at = memory.at(result, 8);
      memory.setU64(at, clocks.time(id));
    },
    random_get: (buffer: number, length: number) => random(memory.bytes(buffer, length)),
    sched_yield: () => undefined,
    proc_exit: (code: number) => state.exit(code >>> 0),
    proc_raise: () => refuse('ENOTSUP'),
    sock_accept: socket,
    sock_recv: socket,
    sock_send: socket,
    sock_shutdown: socket,
  };
}

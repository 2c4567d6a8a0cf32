// The physical limit: bytes copied into a guest and out of it, with the bare WebAssembly API.
import { guest } from '../../guests.ts';
import type { Contender } from '../../row.ts';
import { calling, type Work } from './work.ts';

interface BareGuest {
  readonly memory: WebAssembly.Memory;
  reserve(length: number): number;
  echo(at: number, length: number): void;
  hostcall(at: number, length: number): void;
}

/** The limit's side. */
export async function bare(work: Work): Promise<Contender> {
  const module = new WebAssembly.Module(await guest('wapc_bare'));
  // Of its own, as the payload of a callback is.
  const pass = (at: number, length: number): void => memory.set(memory.slice(at, at + length), at);
  const { exports } = new WebAssembly.Instance(module, { bare: { pass } });
  const instance = exports as unknown as BareGuest;
  const { input, operation } = work;
  instance.reserve(input.length);
  const memory = new Uint8Array(instance.memory.buffer);
  const run = instance[operation];
  return calling(work, () => {
    const at = instance.reserve(input.length);
    memory.set(input, at);
    run(at, input.length);
    return memory.slice(at, at + input.length);
  });
}

// The physical limit: the same plugin with the same import, by the bare WebAssembly API, unchecked.
import { guest } from '../../guests.ts';
import type { Contender } from '../../row.ts';
import { calling, RESPONSE, TEST } from './work.ts';

interface BareGuest {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): bigint;
  execute(input: bigint): bigint;
}

/** The limit's side. */
export async function bare(): Promise<Contender> {
  const module = new WebAssembly.Module(await guest('apiqube'));
  const { exports } = new WebAssembly.Instance(module, {
    apiqube: {
      // The request is copied, because whoever answers it owns it.
      host_http_request(at: number, length: number): bigint {
        memory.slice(at, at + length);
        return hand(RESPONSE);
      },
    },
  });
  const instance = exports as unknown as BareGuest;
  const memory = new Uint8Array(instance.memory.buffer);
  const hand = (bytes: Uint8Array): bigint => {
    const packed = instance.allocate(bytes.length);
    memory.set(bytes, Number(packed >> 32n));
    return packed;
  };
  return calling(() => {
    const packed = instance.execute(hand(TEST));
    const at = Number(packed >> 32n);
    return memory.slice(at, at + Number(packed & 0xffff_ffffn));
  });
}

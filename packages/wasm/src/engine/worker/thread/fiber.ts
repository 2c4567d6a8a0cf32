// A call on a thread: it has the thread, or waits for its turn or for its host.
import type { Instance } from '../../../abi/abi.ts';
import type { ThreadCall } from './thread-call.ts';

/** One call, from when it is taken from its slot until it is answered. */
export class Fiber {
  readonly slot: number;
  /** Undefined while its instance is being made. */
  call: ThreadCall | undefined = undefined;
  instance: Instance | undefined = undefined;
  /** Takes news of its plugin's variables. */
  hear: (news: Uint8Array) => void = () => undefined;
  /** Lets its guest go on with what it waits for; undefined while it does not wait. */
  resume: ((answer: readonly Uint8Array[]) => void) | undefined = undefined;
  /** Lets its guest go on after others had their turn. */
  goOn: (() => void) | undefined = undefined;

  /** When it goes on by itself, in monotonic milliseconds; undefined while it does not sleep. */
  wakesAt: number | undefined = undefined;

  constructor(slot: number) {
    this.slot = slot;
  }
}

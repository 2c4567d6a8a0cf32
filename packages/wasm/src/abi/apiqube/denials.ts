// A door whose denials the guest hears of: an import that may not be used answers so, and the call goes on.
import { type HostDoor, type HostReply, isPlugbayError } from '@plugbay/core';

const EMPTY = new Uint8Array(0);

/** The same door, but what it denies is an answer with an error, which begins with `sentence`. */
export function answeringDenials(door: HostDoor, sentence: string): HostDoor {
  const denied = (thrown: unknown): HostReply => {
    if (!isPlugbayError(thrown) || thrown.code !== 'denied') throw thrown;
    return { bytes: EMPTY, error: `${sentence}: ${thrown.message}` };
  };
  return {
    mode: (namespace, operation) => door.mode(namespace, operation),
    callSync(call) {
      try {
        return door.callSync(call);
      } catch (thrown) {
        return denied(thrown);
      }
    },
    async call(call) {
      try {
        return await door.call(call);
      } catch (thrown) {
        return denied(thrown);
      }
    },
    authorise: (namespace, name) => door.authorise(namespace, name),
  };
}

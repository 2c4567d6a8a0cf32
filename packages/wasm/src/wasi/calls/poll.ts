// poll_oneoff: sleeps until the earliest of several times, or not at all when a descriptor is waited for.
import type { Clocks } from '../clocks.ts';
import type { Descriptors } from '../descriptors.ts';
import { type ErrnoName, errnoName, refuse } from '../errno.ts';
import {
  EVENT_SIZE,
  type Event,
  type Layouts,
  readSubscription,
  type Subscription,
  writeEvent,
} from '../layouts.ts';
import type { WasiCall, WasiState } from '../state.ts';
import { EVENTTYPE, RIGHTS } from '../values.ts';

// Far above what a program waits for with at most 67 descriptors; it bounds what we gather.
const SUBSCRIPTIONS_MAX = 1024;

// What can be written at once to what never fills up.
const WRITABLE_BYTES = 65_536n;

type ClockSubscription = Extract<Subscription, { clock: number }>;
type FdSubscription = Extract<Subscription, { fd: number }>;

interface Timer {
  readonly subscription: Subscription;
  /** How long from now, in nanoseconds; never negative. */
  readonly left: bigint;
}

/** The function that waits. */
export function pollCalls(
  { memory, clocks, descriptors }: WasiState,
  layouts: Layouts,
): Record<string, WasiCall> {
  return {
    poll_oneoff: (input: number, output: number, count: number, result: number) => {
      const number = count >>> 0;
      if (number === 0 || number > SUBSCRIPTIONS_MAX) refuse('EINVAL');
      const view = memory.view(input, number * layouts.subscriptionSize);
      memory.at(output, number * EVENT_SIZE);
      memory.at(result, 4);

      const events: Event[] = [];
      const timers: Timer[] = [];
      for (let index = 0; index < number; index++) {
        const subscription = readSubscription(view, index * layouts.subscriptionSize, layouts);
        try {
          if ('fd' in subscription) events.push(readiness(descriptors, subscription));
          else timers.push({ subscription, left: timeLeft(clocks, subscription) });
        } catch (thrown) {
          events.push(event(subscription, { error: errnoName(thrown) ?? raise(thrown) }));
        }
      }
      for (const { subscription } of passed(clocks, timers, events.length === 0)) {
        events.push(event(subscription));
      }

      const target = memory.view(output, number * EVENT_SIZE);
      for (const [index, happened] of events.entries()) writeEvent(target, index * EVENT_SIZE, happened);
      memory.setU32(memory.at(result, 4), events.length);
    },
  };
}

// Sleeps when nothing else has happened. Does not ask again what time it is then: a clock of the app's own may stand still.
function passed(clocks: Clocks, timers: readonly Timer[], maySleep: boolean): readonly Timer[] {
  let until = 0n;
  if (maySleep) {
    until = timers.reduce((least, { left }) => (left < least ? left : least), timers[0]?.left ?? 0n);
    clocks.sleep(until);
  }
  return timers.filter(({ left }) => left <= until);
}

function timeLeft(clocks: Clocks, { clock, timeout, absolute }: ClockSubscription): bigint {
  const now = clocks.time(clock);
  const left = absolute ? timeout - now : timeout;
  return left < 0n ? 0n : left;
}

// A file and a standard stream never make anybody wait.
function readiness(descriptors: Descriptors, subscription: FdSubscription): Event {
  const { fd, type } = subscription;
  if (type !== EVENTTYPE.fdRead && type !== EVENTTYPE.fdWrite) refuse('EINVAL');
  const reads = type === EVENTTYPE.fdRead;
  const descriptor = descriptors.get(fd, RIGHTS.pollFdReadwrite | (reads ? RIGHTS.fdRead : RIGHTS.fdWrite));
  if (descriptor.kind === 'directory') return refuse('EISDIR');
  if (!reads) return event(subscription, { available: WRITABLE_BYTES });
  const available = BigInt(descriptor.available());
  return event(subscription, { available, hangup: descriptor.kind === 'stream' && available === 0n });
}

function event(
  { userdata, type }: Subscription,
  more: { error?: ErrnoName; available?: bigint; hangup?: boolean } = {},
): Event {
  return { userdata, type, error: 'SUCCESS', available: 0n, hangup: false, ...more };
}

function raise(thrown: unknown): never {
  throw thrown;
}

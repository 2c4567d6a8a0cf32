// Plugins' work comes after the host's own: while they take all processors, the host still gets one when it wants it.
import { constants, getPriority, setPriority } from 'node:os';

// Steps of `nice`: of a processor that both want, the host gets twice as much as a thread, and waits for it less. With more of them, a
// thread that wakes its host often loses its processor to it at once, and goes on only when the host sleeps again.
const STEPS_BEHIND = 3;
const THIS_THREAD = 0;

/** Puts this thread behind the one that started it. Only Linux has priorities of threads; elsewhere it would be the process's. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(
      THIS_THREAD,
      Math.min(constants.priority.PRIORITY_LOW, getPriority(THIS_THREAD) + STEPS_BEHIND),
    );
  } catch {
    // Not allowed here: it runs as the others do.
  }
}

// Progress lines. They go to stderr, always, so that a task's stdout carries its answer and nothing else.

const HEARTBEAT_MS = 10_000;

/** Prints one line for the person who waits. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs one named step and says how long it took. A step with `silentUnderMs` says nothing when it is quicker: an
 * up-to-date build is no news. Without a terminal nobody sees a cursor, so a long step gives a sign of life.
 */
export async function step(name, work, { silentUnderMs = 0 } = {}) {
  const began = performance.now();
  const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  let announced = false;
  const announce = () => {
    announced = true;
    say(`· ${name}`);
  };
  const announcement = setTimeout(announce, silentUnderMs);
  const heartbeat = process.stderr.isTTY
    ? undefined
    : setInterval(() => say(`  … ${name}, ${elapsed()} so far`), HEARTBEAT_MS);
  try {
    const answer = await work();
    if (announced || silentUnderMs === 0) say(`✓ ${name} ${elapsed()}`);
    return answer;
  } catch (error) {
    say(`✗ ${name} ${elapsed()}`);
    throw error;
  } finally {
    clearTimeout(announcement);
    clearInterval(heartbeat);
  }
}

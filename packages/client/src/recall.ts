// Asking the registry, with what it said last for when it is away.
import { type ErrorCode, isPlugbayError, type Logger, messageOf } from '@plugbay/core';
import type { RecordCache } from '@plugbay/loader';

// Answers that are about us and not about the server's health: going on with what we knew would hide them.
const DECIDED: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'denied', 'not_found']);

/** One question to the registry. */
export interface Question<T> {
  /** Under which the answer is kept on disk. */
  readonly key: string;
  readonly records: RecordCache<T>;
  readonly logger: Logger;
  /** The answer known in memory, which saves reading the disk. */
  readonly known?: T | undefined;
  ask(): Promise<T>;
}

/** The registry's answer, or the one known last while it is away. @throws PlugbayError when it refuses, or nothing is known. */
export async function askOrRecall<T>({ key, records, logger, known, ask }: Question<T>): Promise<T> {
  try {
    const answer = await ask();
    // Most answers say what the last one said, and a write is two waits for the disk.
    if (JSON.stringify(answer) !== JSON.stringify(known)) await records.set(key, answer);
    return answer;
  } catch (error) {
    if (isPlugbayError(error) && DECIDED.has(error.code)) throw error;
    const last = known ?? (await records.get(key));
    if (last === undefined) throw error;
    logger.warn({ key, reason: messageOf(error) }, 'the registry is away; going on with what it said last');
    return last;
  }
}

// Asking the registry, with what it said last for when it is away.
import { type ErrorCode, isPlugbayError, type Logger, messageOf, type PlugbayError } from '@plugbay/core';
import type { RecordCache } from '@plugbay/loader';

// Answers that are about us and not about the server's health: going on with what we knew would hide them.
const DECIDED: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'denied', 'not_found']);

/** Whether `error` says that the registry, asked for bindings or content, failed to answer. Content that is not what its address says is no such failure. */
export function isAway(error: unknown): error is PlugbayError {
  if (!isPlugbayError(error) || DECIDED.has(error.code)) return false;
  return error.phase === 'resolve' || (error.phase === 'fetch' && error.code !== 'integrity');
}

/** One question to the registry. */
export interface Question<T> {
  /** Under which the answer is kept on disk. */
  readonly key: string;
  readonly records: RecordCache<T>;
  readonly logger: Logger;
  /** The answer known in memory, which saves reading the disk. */
  readonly known?: T | undefined;
  /** The answer to those of whom nothing is known; it is not worth keeping. */
  readonly nothing: T;
  ask(): Promise<T>;
}

/** The registry's answer, or the one known last while it is away. @throws PlugbayError when it refuses, or nothing is known. */
export async function askOrRecall<T>({ key, records, logger, known, nothing, ask }: Question<T>): Promise<T> {
  try {
    const answer = await ask();
    // Most answers say what the last one said, and a write is two waits for the disk.
    const last = known ?? (await records.get(key)) ?? nothing;
    if (JSON.stringify(answer) !== JSON.stringify(last)) await records.set(key, answer);
    return answer;
  } catch (thrown) {
    const error = isPlugbayError(thrown) ? thrown.with({ phase: 'resolve' }) : thrown;
    if (isPlugbayError(error) && DECIDED.has(error.code)) throw error;
    const last = known ?? (await records.get(key));
    if (last === undefined) throw error;
    logger.warn({ key, reason: messageOf(error) }, 'the registry is away; going on with what it said last');
    return last;
  }
}

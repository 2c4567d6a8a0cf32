// What every measured server does when it listens: says where, and ends with its standard input.
import type { Listening } from '../rows/server.ts';

/** Prints `listening` and calls `close` when nobody wants the server any more. */
export function announce(listening: Listening, close: () => Promise<unknown>): void {
  console.log(JSON.stringify(listening));
  process.stdin.resume().once('end', () => {
    close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  });
}

// plugbay serve: the registry, until somebody says stop.
import { type RunningServer, startServer } from '@plugbay/server';
import { limitProcess } from '@plugbay/wasm';
import { stderrLogger } from './stderr-logger.ts';

/** What `plugbay serve` is told. */
export interface ServeOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly json?: boolean;
}

/** Serves until SIGINT or SIGTERM, then lets running requests end. A second signal ends the process at once, with exit code 1. */
export async function serve({ data, host, port, publicUrl, json }: ServeOptions): Promise<void> {
  // Listened for from the start: a signal during the start is not lost, and stops what has just begun.
  const signals = stopSignals();
  // The process is ours alone: V8's own bounds stand behind those of the guard.
  limitProcess();
  const server = await startServer({ dataDir: data, host, port, publicUrl, logger: stderrLogger('warn') });
  announce(server, json ?? false);
  await signals.first;
  signals.onNext(() => process.exit(1));
  if (json !== true) console.log('Stopping; once more to stop at once.');
  await server.close();
  signals.release();
}

function announce({ url, dataDir, operator }: RunningServer, json: boolean): void {
  if (json) {
    console.log(
      JSON.stringify({ url, dataDir, tokenFile: operator.hasTokenFile ? operator.tokenFile : null }),
    );
    return;
  }
  console.log(`Plugbay is listening on ${url}`);
  console.log(`  data   ${dataDir}`);
  console.log(
    `  token  ${operator.hasTokenFile ? operator.tokenFile : 'lost: make a new one with plugbay token'}`,
  );
  console.log('Ctrl-C stops it.');
}

interface StopSignals {
  readonly first: Promise<void>;
  onNext(action: () => void): void;
  release(): void;
}

function stopSignals(): StopSignals {
  const first = Promise.withResolvers<void>();
  let action = first.resolve;
  const listener = () => action();
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return {
    first: first.promise,
    onNext(next) {
      action = next;
    },
    release() {
      process.off('SIGINT', listener).off('SIGTERM', listener);
    },
  };
}

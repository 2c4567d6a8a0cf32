// What the demo is told: its arguments and environment, checked before anything starts.
import { PlugbayError } from '@plugbay/core';

const HIGHEST_PORT = 65_535;

/** How the demo runs. */
export interface Settings {
  readonly dataDir: string;
  readonly port: number;
  /** Ends after the call. */
  readonly once: boolean;
}

/** The settings that arguments and environment say. @throws PlugbayError `invalid` that names what is wrong. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const unknown = args.find((arg) => arg !== '--once');
  if (unknown !== undefined) {
    throw new PlugbayError('invalid', `${unknown} is no option`, {
      hint: 'The only one is --once: npm start -- --once',
    });
  }
  return {
    dataDir: env.PLUGBAY_DATA || '.plugbay',
    port: portOf(env.PLUGBAY_PORT || '7070'),
    once: args.includes('--once'),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= HIGHEST_PORT) return port;
  throw new PlugbayError('invalid', `PLUGBAY_PORT is ${JSON.stringify(text)}, which is no port`, {
    hint: `Set it to a whole number from 0 to ${HIGHEST_PORT}; 0 takes any that is free.`,
  });
}

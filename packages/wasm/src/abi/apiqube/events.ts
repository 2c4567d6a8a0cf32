// The guest's events: each goes out as it wrote it, in order; one that reaches nobody leaves a line in the plugin's log.
import type { HostReply } from '@plugbay/core';
import type { FunctionType } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import type { HostCaller } from '../host-caller.ts';
import { writeLine } from '../log.ts';
import { resuming } from '../suspension.ts';
import { waitingImport } from '../waiting.ts';
import { ERROR_CHARACTERS } from './http.ts';
import type { ImportMaker } from './state.ts';

/** The type of `host_emit_event`. */
export const EVENT_TYPE: FunctionType = { parameters: ['i32', 'i32'], results: [] };

/** What a plugin's log says when it may not emit events. */
export const EVENTS_DENIED = 'the plugin may not emit events';

/** `host_emit_event`: the guest learns nothing of what becomes of its event, but goes on only when it was taken. */
export function eventImport(environment: Environment, caller: HostCaller): ImportMaker {
  return (state) => {
    const lost = (level: 'debug' | 'warn', reason: string): void =>
      writeLine(environment, state, level, () => `an event was dropped: ${reason}`);
    const finish = ({ error }: HostReply): void => {
      if (error !== undefined) lost('warn', error.slice(0, ERROR_CHARACTERS) || 'it was not taken');
    };
    const resume = resuming(state, finish, (thrown) => caller.refuse(state, thrown));
    const now = (event: Uint8Array): unknown => finish(caller.now(state, event));
    const later = (event: Uint8Array): unknown => resume(caller.later(state, event));
    const emit = (at: number, length: number, through: (event: Uint8Array) => unknown): unknown => {
      if (length === 0) return undefined;
      const event = state.read(at, length);
      if (event === undefined)
        return lost('warn', `${length >>> 0} bytes at ${at >>> 0} are outside of its memory`);
      // Nobody listens, which is the app's choice and no fault of the plugin's.
      return caller.mode === undefined ? lost('debug', 'nobody takes events') : through(event);
    };
    return waitingImport(environment, caller.mode, EVENT_TYPE, {
      now: (at: number, length: number) => emit(at, length, now),
      later: (at: number, length: number) => emit(at, length, later),
    });
  };
}

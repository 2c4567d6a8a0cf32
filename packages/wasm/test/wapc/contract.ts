// What every engine has to make of waPC plugins: the tests that each of them runs.
import { asynchronousTests } from './contract/asynchronous.ts';
import { callingTests } from './contract/calling.ts';
import { environmentTests, type GuestTime, OWN_TIME } from './contract/environment.ts';
import { hostCallTests } from './contract/host-calls.ts';
import { languageTests } from './contract/languages.ts';
import { limitTests } from './contract/limits.ts';
import type { OpenWapc } from './contract/open.ts';
import { pointerTests } from './contract/pointers.ts';
import { poolTests } from './contract/pools.ts';
import { startTests } from './contract/starting.ts';

/** Declares the tests for an engine whose plugins `open` opens; `time` is the clock that it lets them have, and what that says. */
export function wapcContract(open: OpenWapc, time: GuestTime = OWN_TIME): void {
  callingTests(open);
  hostCallTests(open);
  asynchronousTests(open);
  pointerTests(open);
  startTests(open);
  environmentTests(open, time);
  limitTests(open);
  poolTests(open);
  languageTests(open);
}

// What every engine must do with a plugin of the ApiQube ABI, written once for all of them.
import { askingTests } from './contract/asking.ts';
import { callingTests } from './contract/calling.ts';
import { limitTests } from './contract/limits.ts';
import { moduleTests } from './contract/modules.ts';
import { type OpenPlugin, openingOn } from './contract/open.ts';
import { tellingTests } from './contract/telling.ts';

/** Declares the tests for an engine whose plugins `engine` opens. */
export function apiqubeContract(engine: OpenPlugin): void {
  const opening = openingOn(engine);
  callingTests(opening);
  moduleTests(opening);
  tellingTests(opening);
  askingTests(opening);
  limitTests(opening);
}

// The contract of waPC plugins, kept by the inline engine.
import { openBytes } from '../../../test/open.ts';
import { wapcContract } from '../../../test/wapc/contract.ts';

wapcContract(openBytes);

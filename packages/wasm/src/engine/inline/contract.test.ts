// The contract of Extism plugins, kept by the inline engine.
import { extismContract } from '../../../test/contract/extism.ts';
import { INLINE } from '../../../test/contract/inline-engine.ts';

extismContract(INLINE);

// The contract of Extism plugins, and that of tenants of every ABI, kept by the inline engine.
import { extismContract } from '../../../test/contract/extism.ts';
import { INLINE } from '../../../test/contract/inline-engine.ts';
import { tenantContract } from '../../../test/contract/tenants.ts';

extismContract(INLINE);
tenantContract(INLINE);

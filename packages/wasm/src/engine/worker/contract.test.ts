// The contracts of all ABIs, kept by the worker engine.
import { describe } from 'vitest';
import { apiqubeContract } from '../../../test/apiqube/contract.ts';
import { extismContract } from '../../../test/contract/extism.ts';
import { tenantContract } from '../../../test/contract/tenants.ts';
import { workerEngine } from '../../../test/contract/worker-engine.ts';
import { wapcContract } from '../../../test/wapc/contract.ts';

const engine = workerEngine();

describe('Extism', () => extismContract(engine));
describe('waPC', () => wapcContract(engine.openBytes, { clock: 'system', seconds: /^\d{10}$/ }));
describe('ApiQube', () => apiqubeContract(engine.openBytes));

tenantContract(engine);

// The module that a response carries.
import { ARTIFACT_MAX_BYTES, PlugbayError } from '@plugbay/core';
import { bodyOf } from '../extism/response.ts';

const WASM_TYPE = 'application/wasm';

/**
 * The bytes of the module. As browsers want it, the type must say that it is one.
 * @throws TypeError (what is no response, or one without a module), PlugbayError `invalid` (another type), `limit` (size).
 */
export async function moduleOf(response: unknown): Promise<Uint8Array> {
  if (!(response instanceof Response)) throw new TypeError('the source must be a Response');
  const type = response.headers.get('content-type') ?? 'nothing';
  if (type.toLowerCase() !== WASM_TYPE) {
    // Nobody waits for that: of a response that was cloned, it ends only when the clone is done as well.
    response.body?.cancel().catch(() => undefined);
    throw new PlugbayError('invalid', `the content type is ${type}, not ${WASM_TYPE}`);
  }
  return bodyOf(response, ARTIFACT_MAX_BYTES);
}

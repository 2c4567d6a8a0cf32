import { describe, expect, it } from 'vitest';
import { extismSdk, extismSdkUrl } from './extism-sdk.ts';

describe('the Extism SDK', () => {
  it('is the version that has all that the parity tests are about', async () => {
    const { CAPABILITIES } = await extismSdk();
    // 1.x and the early candidates of 2.0.0 know nothing of it.
    expect(CAPABILITIES.supportsJSPromiseInterface).toBeTypeOf('boolean');
  });

  it('can be loaded by its URL', async () => {
    const { createPlugin } = (await import(extismSdkUrl())) as { createPlugin: unknown };
    expect(createPlugin).toBeTypeOf('function');
  });
});

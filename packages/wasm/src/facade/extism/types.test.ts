// Code that was written for the SDK compiles after its import was changed, and runs.
import type { ExtismSdk } from '@plugbay/testing';
import createPlugin, {
  CAPABILITIES,
  type CallContext,
  type CurrentPlugin,
  type ExtismPluginOptions,
  type LogLevel,
  type Manifest,
  type ManifestLike,
  type ManifestWasm,
  type Plugin,
  type PluginConfig,
  type PluginOutput,
} from '@plugbay/wasm/extism';
import { describe, expect, it } from 'vitest';
import { guest } from '../../../test/guests/catalogue.ts';

type SdkParameters = Parameters<ExtismSdk['createPlugin']>;
type SdkOptions = NonNullable<SdkParameters[1]>;
type SdkPlugin = Awaited<ReturnType<ExtismSdk['createPlugin']>>;
type SdkOutput = NonNullable<Awaited<ReturnType<SdkPlugin['call']>>>;
type SdkContext = Parameters<NonNullable<SdkOptions['functions']>[string][string]>[0];

// The SDK's classes have private members, so that no other class is the same type; their public members are compared.
type Public<T> = Pick<T, Exclude<keyof T, symbol>>;

// None of these functions runs: that they compile is the test.
const assignments = {
  options: (theirs: Omit<SdkOptions, 'functions'>): ExtismPluginOptions => theirs,
  everyOption: (name: keyof SdkOptions): keyof ExtismPluginOptions => name,
  manifest: (theirs: Awaited<SdkParameters[0]>): ManifestLike => theirs,
  plugin: (ours: Plugin): Omit<SdkPlugin, 'call'> => ours,
  call:
    (ours: Plugin) =>
    (...given: Parameters<SdkPlugin['call']>): Promise<Public<SdkOutput> | null> =>
      ours.call(...given),
  output: (ours: PluginOutput): Public<SdkOutput> => ours,
  context: (ours: CallContext): Omit<Public<SdkContext>, 'read' | 'getVariable'> => ours,
  read: (ours: CallContext, at: Parameters<SdkContext['read']>[0]): Public<SdkOutput> | null => ours.read(at),
  variable: (ours: CallContext, name: string): Public<SdkOutput> | null => ours.getVariable(name),
  capabilities: (): Omit<ExtismSdk['CAPABILITIES'], 'supportsJSPromiseInterface'> => CAPABILITIES,
};

const wasm: ManifestWasm[] = [{ data: await guest('count-vowels-host'), name: 'main' }];
const config: PluginConfig = { greeting: 'Howdy' };
const manifest: Manifest = { wasm, config, memory: { maxPages: 100 }, allowed_hosts: ['example.com'] };
const logLevel: LogLevel = 'error';

const options: ExtismPluginOptions = {
  useWasi: true,
  logger: console,
  logLevel,
  functions: {
    'extism:host/user': {
      hello_world(callContext: CallContext, offset: bigint): bigint {
        const text = callContext.read(offset)?.string() ?? '';
        const user = callContext.hostContext<{ name: string }>();
        return callContext.store(`${text} for ${user.name}`);
      },
      unused(current: CurrentPlugin, a: number, b: number) {
        return current.length(BigInt(a + b));
      },
    },
  },
};

describe('code for the SDK', () => {
  it('runs as it is', async () => {
    const plugin: Plugin = await createPlugin(manifest, options);
    try {
      const output: PluginOutput | null = await plugin.call('count_vowels', 'hello', { name: 'you' });
      expect(output?.text()).toBe('{"count": 2} for you');
      expect(output?.getUint8(0)).toBe(0x7b);
    } finally {
      await plugin.close();
    }
  });

  it('takes what JSON contains without a cast', async () => {
    const plugin = await createPlugin({ wasm: [{ data: await guest('count-vowels') }] });
    const count: number = (await plugin.call('count_vowels', 'aeiou'))?.json().count;
    expect(count).toBe(5);
  });

  it('finds everything that the SDK has', async () => {
    expect(Object.keys(assignments)).toHaveLength(10);
    const { extismSdk } = await import('@plugbay/testing');
    const [sdk, facade] = [await extismSdk(), await import('@plugbay/wasm/extism')];
    expect(Object.keys(facade).sort()).toEqual(Object.keys(sdk).sort());
    expect(Object.keys(facade.CAPABILITIES).sort()).toEqual(Object.keys(sdk.CAPABILITIES).sort());
  });
});

// Code that was written for the waPC project's host compiles after its import was changed, and runs.
import type { WapcPeer } from '@plugbay/testing';
import {
  errors,
  type HostCall,
  instantiate,
  instantiateStreaming,
  WapcHost,
  type Writer,
} from '@plugbay/wasm/wapc';
import { expect, it } from 'vitest';

type PeerHost = InstanceType<WapcPeer['WapcHost']>;
type PeerParameters = Parameters<WapcPeer['instantiate']>;

// None of these functions runs: that they compile is the test.
const assignments = {
  hostCall: (theirs: NonNullable<PeerParameters[1]>): HostCall => theirs,
  writer: (theirs: NonNullable<PeerParameters[2]>): Writer => theirs,
  instantiate: (...given: PeerParameters): Promise<Pick<PeerHost, 'invoke'>> => instantiate(...given),
  streaming: (...given: Parameters<WapcPeer['instantiateStreaming']>): Promise<Pick<PeerHost, 'invoke'>> =>
    instantiateStreaming(...given),
  construct: (...given: ConstructorParameters<WapcPeer['WapcHost']>): WapcHost => new WapcHost(...given),
  invoke:
    (ours: WapcHost) =>
    (...given: Parameters<PeerHost['invoke']>): ReturnType<PeerHost['invoke']> =>
      ours.invoke(...given),
  errors: (name: keyof WapcPeer['errors']): keyof typeof errors => name,
  notImplemented: (
    ...given: ConstructorParameters<WapcPeer['errors']['HostCallNotImplementedError']>
  ): { message: string; matcher(): RegExp } => new errors.HostCallNotImplementedError(...given),
};

it('has every name of the peer, and its types', () => {
  expect(Object.keys(assignments)).toHaveLength(8);
});

import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import {
  type CapabilityGrants,
  grantedTo,
  isSupported,
  requireCapabilities,
  requireKnownCapabilities,
  SUPPORTED_CAPABILITIES,
} from './capability.ts';
import { MissingCapabilityError } from './missing-capability.ts';

function missing(run: () => void): MissingCapabilityError {
  try {
    run();
  } catch (error) {
    if (error instanceof MissingCapabilityError) return error;
    throw error;
  }
  throw new Error('nothing is missing');
}

describe('capabilities', () => {
  it('SupportedCapabilities: there is http, in this spelling, and not grpc', () => {
    expect(SUPPORTED_CAPABILITIES).toEqual(['http']);
    expect(['http', 'HTTP', 'grpc', ''].map(isSupported)).toEqual([true, false, false, false]);
  });

  it('are granted to all, or by the name a plugin is loaded under', () => {
    expect(grantedTo('a.wasm', ['http'])).toEqual(['http']);
    const byName: CapabilityGrants = { 'a.wasm': ['http'] };
    expect([grantedTo('a.wasm', byName), grantedTo('b.wasm', byName), grantedTo('toString', byName)]).toEqual(
      [['http'], [], []],
    );
  });

  it('cannot be granted when there are none of the name', () => {
    for (const grants of [['grpc'], { 'a.wasm': ['http', 'grpc'] }]) {
      expect(() => requireKnownCapabilities(grants as unknown as CapabilityGrants)).toThrow(
        expect.objectContaining({ code: 'invalid', message: 'there is no capability "grpc" to grant' }),
      );
    }
    requireKnownCapabilities({ 'a.wasm': ['http'], 'b.wasm': [] });
  });

  it('that are missing make an error with the plugin and the capability', () => {
    requireCapabilities('a.wasm', ['http'], ['http']);
    requireCapabilities('a.wasm', [], []);
    const unsupported = missing(() => requireCapabilities('a.wasm', ['http', 'gr"pc'], ['http']));
    expect(unsupported).toMatchObject({
      code: 'unsupported',
      message: 'plugin "a.wasm" requires unsupported capability "gr\\"pc"',
      plugin: 'a.wasm',
      capability: 'gr"pc',
      phase: 'open',
    });
    expect(unsupported).toBeInstanceOf(PlugbayError);
    expect(missing(() => requireCapabilities('a.wasm', ['http'], []))).toMatchObject({
      code: 'denied',
      message: 'plugin "a.wasm" requires capability "http", which it is not granted',
      hint: 'Grant it with the option capabilities: { "a.wasm": ["http"] }.',
      capability: 'http',
    });
  });

  it('that are missing are so wherever the plugin lies', () => {
    const error = MissingCapabilityError.denied('a.wasm', 'http');
    expect(error.at('/plugins/a.wasm')).toMatchObject({
      code: 'denied',
      message: 'load /plugins/a.wasm: plugin "a.wasm" requires capability "http", which it is not granted',
      plugin: 'a.wasm',
      capability: 'http',
      hint: error.hint,
      cause: error,
    });
    expect(error.at('/plugins/a.wasm')).toBeInstanceOf(MissingCapabilityError);
  });
});

import { describe, expect, it } from 'vitest';
import { PluginInfo } from './plugin-info.ts';

const SCHEMA = {
  name: 'http',
  version: '1.0.0',
  description: 'asks servers',
  protocols: ['http'],
  capabilities: ['http'],
  fields: { url: { type: 'string', required: false, description: '' } },
  events: {
    Sent: { description: 'sent', fields: { size: { type: 'number', required: true, description: '' } } },
  },
};

describe('what a plugin says about itself', () => {
  it('is given away in copies, and cannot be changed', () => {
    const given = structuredClone(SCHEMA);
    const info = new PluginInfo(given);
    given.protocols.push('grpc');
    given.events.Sent.fields.size.type = 'any';
    const taken = info.snapshot();
    expect(taken).toStrictEqual(SCHEMA);
    (taken.protocols as string[]).push('grpc');
    expect(info.snapshot()).toStrictEqual(SCHEMA);
    expect(() => Object.assign(info, { name: 'other' })).toThrow(TypeError);
    expect(() => Object.assign(info.events, { Other: SCHEMA.events.Sent })).toThrow(TypeError);
    expect(() => Object.assign(info.events['Sent']?.fields['size'] ?? {}, { type: 'any' })).toThrow(
      TypeError,
    );
  });

  it('is empty where nothing is said', () => {
    expect(new PluginInfo({ name: 'x' }).snapshot()).toStrictEqual({
      name: 'x',
      version: '',
      description: '',
      protocols: [],
      capabilities: [],
      fields: {},
      events: {},
    });
  });
});

import { completeLogger } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { type EventFacts, ExecutionEvents } from './event-sink.ts';
import { PluginInfo } from './plugin-info.ts';
import type { PluginEvent } from './wire/event.ts';

const INFO = new PluginInfo({ name: 'http', events: { Sent: { description: '', fields: {} } } });
const bytesOf = (event: unknown): Uint8Array => Buffer.from(JSON.stringify(event));

/** Events of a plugin, what the app got of them, and what was logged. */
function listening(info: PluginInfo = INFO): {
  events: ExecutionEvents;
  heard: [PluginEvent, EventFacts][];
  warnings: string[];
} {
  const heard: [PluginEvent, EventFacts][] = [];
  const warnings: string[] = [];
  const logger = completeLogger({
    warn: (facts: object | string, message?: string) => warnings.push(`${JSON.stringify(facts)} ${message}`),
  });
  const events = new ExecutionEvents('http.wasm', info, logger, (event, facts) => heard.push([event, facts]));
  return { events, heard, warnings };
}

describe('the events of an execution', () => {
  it('EmitEventLogic_Valid: reach the app with the plugin and the kind', () => {
    const { events, heard, warnings } = listening();
    events.emitted(bytesOf({ plugin: 'http', kind: 'Sent', data: { size: 3 } }));
    expect(heard).toStrictEqual([
      [
        { plugin: 'http', kind: 'Sent', data: { size: 3 } },
        { origin: 'emitted', declared: true },
      ],
    ]);
    expect(warnings).toEqual([]);
  });

  it('EmitEventLogic_BadJSON: are logged when they are malformed, and go no further', () => {
    const { events, heard, warnings } = listening();
    events.emitted(Buffer.from('{"kind":'));
    events.emitted(bytesOf({ kind: 1 }));
    expect(heard).toEqual([]);
    expect(warnings).toEqual([
      '{"plugin":"http.wasm"} it emitted a malformed event: "{\\"kind\\":" is not JSON',
      '{"plugin":"http.wasm"} it emitted a malformed event: kind must be a string, not the number 1',
    ]);
  });

  it('come in order, those of the output after those that were emitted, and twice when the plugin does both', () => {
    const { events, heard } = listening();
    const sent = { plugin: 'http', kind: 'Sent' };
    events.emitted(bytesOf(sent));
    events.embedded([sent, { ...sent, data: { last: true } }]);
    expect(heard).toStrictEqual([
      [sent, { origin: 'emitted', declared: true }],
      [sent, { origin: 'embedded', declared: true }],
      [
        { ...sent, data: { last: true } },
        { origin: 'embedded', declared: true },
      ],
    ]);
  });

  it('bear their own plugin’s name, and say which other it gave', () => {
    const { events, heard, warnings } = listening();
    events.emitted(bytesOf({ plugin: 'grpc', kind: 'Sent' }));
    events.embedded([{ plugin: '', kind: 'Sent' }]);
    expect(heard).toStrictEqual([
      [
        { plugin: 'http', kind: 'Sent' },
        { origin: 'emitted', declared: true, claimed: 'grpc' },
      ],
      [
        { plugin: 'http', kind: 'Sent' },
        { origin: 'embedded', declared: true },
      ],
    ]);
    expect(warnings).toEqual([
      '{"plugin":"http.wasm"} an emitted event of the kind "Sent" claims to be of the plugin "grpc"',
    ]);
  });

  it('of kinds that are not declared say so', () => {
    const { events, heard, warnings } = listening();
    events.embedded([{ plugin: 'http', kind: 'toString' }]);
    expect(heard).toStrictEqual([
      [
        { plugin: 'http', kind: 'toString' },
        { origin: 'embedded', declared: false },
      ],
    ]);
    expect(warnings).toEqual([
      '{"plugin":"http.wasm"} an embedded event of the kind "toString" is none that the plugin declares',
    ]);
  });

  it('do not fill the log', () => {
    const { events, heard, warnings } = listening();
    for (let count = 0; count < 100; count++) events.emitted(bytesOf({ kind: 'Other' }));
    expect([heard.length, warnings.length]).toEqual([100, 10]);
    expect(warnings[9]).toMatch(/; what follows in this execution is not logged$/);
    expect(warnings[8]).not.toMatch(/not logged/);
  });

  it('fail whoever emits them with what the app throws', () => {
    const events = new ExecutionEvents('http.wasm', INFO, completeLogger(), () => {
      throw new Error('full');
    });
    expect(() => events.emitted(bytesOf({ kind: 'Sent' }))).toThrow('full');
    expect(() => events.embedded([{ plugin: '', kind: 'Sent' }])).toThrow('full');
  });

  it('go nowhere without a sink', () => {
    const events = new ExecutionEvents('http.wasm', INFO, completeLogger(), undefined);
    expect(events.emitted(bytesOf({ kind: 'Sent' }))).toBeUndefined();
  });
});

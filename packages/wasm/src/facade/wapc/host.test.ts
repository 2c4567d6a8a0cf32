// What a host does beyond its peer's: it replaces its module, ends, and limits what the plugin may use.
import { asynchronous } from '@plugbay/core';
import { errors, type HostCall, instantiate, instantiateStreaming, WapcHost } from '@plugbay/wasm/wapc';
import { describe, expect, it, vi } from 'vitest';
import { failureOf } from '../../../test/open.ts';
import { guestOf, wapc, wapcGuest } from '../../../test/wapc/guests.ts';
import { InlinePlugin } from '../../engine/inline/plugin.ts';

const NOTHING = new Uint8Array(0);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const asking = (payload: string): Uint8Array => bytesOf(`binding\0sample\0hello\0${payload}`);

/** A guest that answers every operation with this letter, which its start function puts where it is read. */
function saying(letter: string): Promise<Uint8Array> {
  return guestOf(
    '(call $guest_response (i32.const 0) (i32.const 1)) (i32.const 1)',
    `(func (export "wapc_init") (i32.store8 (i32.const 0) (i32.const ${letter.charCodeAt(0)})))`,
    wapc('guest_response'),
  );
}

/** A guest that makes one host call, and answers with this letter. */
function askingAndSaying(letter: string): Promise<Uint8Array> {
  const zeros = '(i32.const 0) '.repeat(8);
  return guestOf(
    `(drop (call $host_call ${zeros})) (call $guest_response (i32.const 0) (i32.const 1)) (i32.const 1)`,
    `(data (i32.const 0) "${letter}")`,
    wapc('guest_response', 'host_call'),
  );
}

async function answerOf(host: WapcHost, operation = 'x'): Promise<string> {
  return new TextDecoder().decode(await host.invoke(operation, NOTHING));
}

describe('replacing a module', () => {
  it('gives new calls to the new version, which was started', async () => {
    await using host = await instantiate(await saying('1'));
    expect(await answerOf(host)).toBe('1');
    await host.replaceModule(await saying('2'));
    expect(await answerOf(host)).toBe('2');
  });

  it('lets calls that run and wait finish on the old version', async () => {
    const answer = Promise.withResolvers<Uint8Array>();
    const close = vi.spyOn(InlinePlugin.prototype, 'close');
    await using host = await instantiate(await askingAndSaying('1'), async () => answer.promise);
    const before = [answerOf(host), answerOf(host), answerOf(host)];
    await host.replaceModule(await askingAndSaying('2'));
    const after = answerOf(host);
    expect(close).not.toHaveBeenCalled();
    answer.resolve(NOTHING);
    expect(await Promise.all(before)).toEqual(['1', '1', '1']);
    expect(await after).toBe('2');
    // The old one, once nobody uses it any more.
    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });

  it('loses no call while many are made, and mixes no versions', async () => {
    const turn = async (): Promise<Uint8Array> => {
      await new Promise(setImmediate);
      return NOTHING;
    };
    const versions = await Promise.all([...'123'].map(askingAndSaying));
    await using host = await instantiate(versions[0] as Uint8Array, turn);
    const calls: Promise<string>[] = [];
    for (const version of [...versions.slice(1), ...versions]) {
      for (let call = 0; call < 20; call++) calls.push(answerOf(host));
      await host.replaceModule(version);
    }
    const answers = (await Promise.all(calls)).join('');
    expect(answers).toBe([...'12312'].map((letter) => letter.repeat(20)).join(''));
  });

  it('changes nothing when the new version cannot start', async () => {
    await using host = await instantiate(await saying('1'));
    const crashing = await guestOf('(i32.const 1)', '(func (export "wapc_init") unreachable)');
    expect((await failureOf(() => host.replaceModule(crashing))).code).toBe('trap');
    expect(await failureOf(() => host.replaceModule(NOTHING))).toBeInstanceOf(errors.InvalidWasm);
    expect(await answerOf(host)).toBe('1');
  });

  it('may be done by the host call of a plugin', async () => {
    const next = await saying('2');
    let host: WapcHost | undefined;
    host = await instantiate(await askingAndSaying('1'), async () => {
      await host?.replaceModule(next);
      return NOTHING;
    });
    expect(await answerOf(host)).toBe('1');
    expect(await answerOf(host)).toBe('2');
    await host.close();
  });
});

describe('a closed host', () => {
  it('cancels what runs and waits, in every version, and takes no more', async () => {
    const host = await instantiate(
      await askingAndSaying('1'),
      async () => new Promise<Uint8Array>(() => undefined),
    );
    const calls = [failureOf(() => answerOf(host)), failureOf(() => answerOf(host))];
    await host.replaceModule(await askingAndSaying('2'));
    calls.push(failureOf(() => answerOf(host)));
    await host.close();
    await host.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['canceled', 'canceled', 'canceled']);
    const bytes = await saying('3');
    for (const late of [() => answerOf(host), () => host.instantiate(bytes), () => host.replaceModule(bytes)])
      expect((await failureOf(late)).message).toBe('the host is closed');
  });

  it('stays closed when a module was on its way', async () => {
    const bytes = await saying('1');
    const host = new WapcHost();
    const late = failureOf(() => host.instantiate(bytes));
    await host.close();
    expect((await late).message).toBe('the host is closed');
  });
});

describe('a host', () => {
  it('has nothing to invoke before it has a module', async () => {
    expect((await failureOf(() => new WapcHost().invoke('x', NOTHING))).message).toBe(
      'the host has no module: instantiate one first',
    );
  });

  it('takes a callback that is declared to answer with promises', async () => {
    const callback: HostCall = (_binding, _namespace, _operation, payload) => Promise.resolve(payload);
    // What it is called with does not matter to the declaration.
    await using host = await instantiate(await wapcGuest(), asynchronous(callback as never) as HostCall);
    expect(await host.invoke('host', asking('declared'))).toEqual(bytesOf('declared'));
  });

  it('reads the bytes of its module before anything else happens to them', async () => {
    const bytes = await saying('1');
    const opening = instantiate(bytes);
    bytes.fill(0);
    expect(await answerOf(await opening)).toBe('1');
  });

  it('takes a module in a buffer or any view of one, and nothing else', async () => {
    const { buffer } = Uint8Array.from(await saying('1'));
    expect(await answerOf(await instantiate(buffer as never))).toBe('1');
    expect(await answerOf(await instantiate(new DataView(buffer) as never))).toBe('1');
    for (const source of ['text', undefined, {}])
      expect(await failureOf(() => instantiate(source as never))).toBeInstanceOf(errors.InvalidWasm);
    expect(await failureOf(() => instantiateStreaming({} as never))).toBeInstanceOf(errors.StreamingFailure);
  });

  it('knows the codes of its errors', async () => {
    expect(await failureOf(() => instantiate(NOTHING))).toMatchObject({ code: 'invalid' });
    expect(new errors.HostCallNotImplementedError('b', 'n', 'o')).toMatchObject({ code: 'not_found' });
    const tooMuch = await guestOf('(i32.const 1)', '(memory 70000)');
    expect(await failureOf(() => instantiate(tooMuch))).toMatchObject({ code: 'limit' });
  });
});

// Exchanges on one shared memory, each with a kernel of its own, as on two threads.
import { once } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Limits, PAGE_BYTES, resolveLimits } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelOn, type WholeKernel } from '../../../test/kernel.ts';
import { failureOf } from '../../../test/open.ts';
import { spawn } from '../../engine/spawn.ts';
import { Exchange } from './exchange.ts';
import { compileKernel } from './kernel.ts';

interface Side {
  readonly exchange: Exchange;
  readonly kernel: WholeKernel;
}

function sideOf(exchange: Exchange): Side {
  const kernel = kernelOn(exchange.memory);
  exchange.bind(kernel);
  return { exchange, kernel };
}

// A memory of a structured clone: an object of its own on the same bytes, as another thread has it.
function received(memory: WebAssembly.Memory): WebAssembly.Memory {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(memory);
  const { message } = receiveMessageOnPort(port2) as { message: WebAssembly.Memory };
  port1.close();
  return message;
}

function bothSides(limits: Partial<Limits> = {}): readonly [Side, Side] {
  const resolved = resolveLimits(limits);
  const first = sideOf(new Exchange(resolved, { shared: true }));
  return [first, sideOf(new Exchange(resolved, { memory: received(first.exchange.memory) }))];
}

const LONG = 'grüße €𝄞'.repeat(20_000);

describe('two exchanges on one memory', () => {
  it('see what the other one stores, also where it grew the memory', () => {
    const [one, other] = bothSides();
    one.exchange.begin('short');
    const small = one.exchange.store('small');
    const large = BigInt(other.exchange.store(LONG));
    expect(one.exchange.text(large)).toBe(LONG);
    expect(Buffer.from(one.exchange.read(large)!).toString()).toBe(LONG);
    expect(one.exchange.lengthOf(large)).toBe(Buffer.byteLength(LONG));
    expect(other.exchange.text(BigInt(small))).toBe('small');
    const larger = BigInt(one.exchange.store(LONG.repeat(10)));
    expect(other.exchange.text(larger)).toBe(LONG.repeat(10));
  });

  it('know the length of a block whose header is where the memory did not reach', () => {
    const [one, other] = bothSides();
    one.exchange.begin('short');
    other.exchange.store(new Uint8Array(2 * PAGE_BYTES));
    const far = BigInt(other.exchange.store('far'));
    expect(one.exchange.lengthOf(far)).toBe(3);
  });

  it('take an input on one side and its answer from the other', () => {
    const [guest, host] = bothSides();
    for (const input of ['', 'a', LONG, Buffer.alloc(3 * PAGE_BYTES, 7), 'b']) {
      host.exchange.begin(input);
      guest.exchange.measure();
      guest.kernel.output_set(guest.kernel.input_offset(), guest.kernel.input_length());
      const expected = Buffer.from(input);
      expect(Buffer.compare(host.exchange.output(), expected)).toBe(0);
      expect(Buffer.compare(host.exchange.output(true), expected)).toBe(0);
    }
  });

  it('do not lose a block to the start of a second kernel', () => {
    const [one] = bothSides();
    const block = BigInt(one.exchange.store('kept'));
    const late = sideOf(new Exchange(resolveLimits({}), { memory: one.exchange.memory }));
    expect(late.exchange.text(block)).toBe('kept');
    expect(one.exchange.store('next')).not.toBe(Number(block));
  });

  it('have copies as outputs that are not shared', () => {
    const [one] = bothSides();
    for (const text of ['short', LONG]) {
      const block = one.exchange.store(text);
      expect(one.exchange.read(BigInt(block))!.buffer).toBeInstanceOf(ArrayBuffer);
    }
  });

  it('report an error that is set on the other side', () => {
    const [guest, host] = bothSides();
    host.exchange.begin('x');
    const text = 'no €'.repeat(30_000);
    const block = BigInt(guest.exchange.store(text));
    guest.kernel.error_set(block);
    expect(host.exchange.failed).toBe(true);
    expect(host.exchange.error()).toBe(Buffer.from(text).subarray(0, 65_536).toString());
  });

  it('let a guest reach what the other side has added once it has measured', () => {
    const [guest, host] = bothSides();
    host.exchange.begin('x');
    const end = BigInt(PAGE_BYTES);
    const block = BigInt(host.exchange.store('y'.repeat(3 * PAGE_BYTES)));
    expect(guest.kernel.load_u8(block + end)).toBe(0);
    guest.exchange.measure();
    expect(guest.kernel.load_u8(block + end)).toBe(121);
    guest.kernel.store_u8(block + end, 122);
    expect(host.exchange.copy(Number(block + end), 1)).toEqual(Uint8Array.of(122));
  });

  it('give a block that the memory has room for, although one of them has not seen it grow', () => {
    // 8 pages: the first takes 5, so that the other could not grow it by all that it thinks it needs.
    const [one, other] = bothSides({ exchangeBytes: 8 * PAGE_BYTES - 64, inputBytes: 100 });
    expect(one.exchange.store(new Uint8Array(5 * PAGE_BYTES))).toBeGreaterThan(0);
    expect(other.exchange.store(new Uint8Array(2 * PAGE_BYTES))).toBeGreaterThan(5 * PAGE_BYTES);
  });

  it('refuse together what the limit refuses', async () => {
    const [one, other] = bothSides({ exchangeBytes: PAGE_BYTES, inputBytes: 100 });
    one.exchange.store(new Uint8Array(40_000));
    const error = await failureOf(() => other.exchange.store(new Uint8Array(40_000)));
    expect([error.code, error.message]).toEqual([
      'limit',
      'the exchange memory has no room for 40000 bytes; exchangeBytes is 65536',
    ]);
    expect(one.exchange.refusedContent).toBe(80_000);
  });

  it('are compiled for their kind of memory only', () => {
    const nothing = (): number => 0;
    const names = ['config_get', 'var_get', 'var_set', 'log', 'http_request', 'http_headers'];
    const functions = Object.fromEntries(names.map((name) => [name, nothing]));
    const limits = resolveLimits({});
    const [own, shared] = [new Exchange(limits), new Exchange(limits, { shared: true })];
    const start = (module: WebAssembly.Module, { memory }: Exchange) =>
      new WebAssembly.Instance(module, { host: { ...functions, memory } });
    expect(start(compileKernel(), own)).toBeDefined();
    expect(start(compileKernel(true), shared)).toBeDefined();
    expect(() => start(compileKernel(), shared)).toThrow(WebAssembly.LinkError);
    expect(() => start(compileKernel(true), own)).toThrow(WebAssembly.LinkError);
  });
});

describe('two exchanges that take turns', () => {
  // Each act is done by one of the two sides, through the exchange or, as a guest, through the kernel.
  const side = fc.nat(1);
  const act = fc.oneof(
    { arbitrary: fc.record({ side, store: fc.oneof(fc.nat(64), fc.nat(100_000)) }), weight: 5 },
    { arbitrary: fc.record({ side, alloc: fc.oneof(fc.nat(64), fc.nat(100_000)) }), weight: 5 },
    { arbitrary: fc.record({ side, free: fc.nat() }), weight: 4 },
    { arbitrary: fc.record({ side, write: fc.nat(), at: fc.nat(), value: fc.nat(255) }), weight: 4 },
    { arbitrary: fc.record({ side, begin: fc.nat(100_000) }), weight: 1 },
  );

  it('keep every live block, its length and its content, on both sides', () => {
    let seed = 0;
    const contentOf = (length: number): Buffer => Buffer.alloc(length, ++seed % 256);
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const sides = bothSides();
        const model = new Map<bigint, Buffer>();
        const pick = (which: number): [bigint, Buffer] | undefined =>
          [...model][which % Math.max(model.size, 1)];
        const addBlock = (handle: bigint, content: Buffer): void => {
          for (const [other, { length }] of model)
            expect(handle + BigInt(content.length) <= other || other + BigInt(length) <= handle).toBe(true);
          if (content.length === 0) expect(handle).toBe(0n);
          else model.set(handle, content);
        };
        for (const each of acts) {
          const { exchange, kernel } = sides[each.side] as Side;
          exchange.measure();
          if ('store' in each) {
            const content = contentOf(each.store);
            addBlock(BigInt(exchange.store(content)), content);
          } else if ('alloc' in each) addBlock(kernel.alloc(BigInt(each.alloc)), Buffer.alloc(each.alloc));
          else if ('free' in each) {
            const [handle] = pick(each.free) ?? [0n];
            kernel.free(handle);
            model.delete(handle);
          } else if ('write' in each) {
            const [handle, content] = pick(each.write) ?? [];
            if (handle === undefined || content === undefined) continue;
            const at = each.at % content.length;
            content[at] = each.value;
            kernel.store_u8(handle + BigInt(at), each.value);
          } else {
            const content = contentOf(each.begin);
            exchange.begin(content);
            model.clear();
            if (content.length > 0) model.set(kernel.input_offset(), content);
          }
          for (const { exchange: seen } of sides)
            for (const [handle, content] of model) {
              expect(seen.lengthOf(handle)).toBe(content.length);
              expect(content.equals(seen.read(handle)!)).toBe(true);
            }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('two threads', () => {
  it('hand texts to and fro through blocks that grow the memory', async () => {
    const limits = resolveLimits({ exchangeBytes: 64 * 1024 * 1024 });
    const { exchange } = sideOf(new Exchange(limits, { shared: true }));
    exchange.begin('start');
    const { port1, port2 } = new MessageChannel();
    const worker = spawn(new URL('../../../test/echo-thread.ts', import.meta.url), {
      workerData: { memory: exchange.memory, limits, port: port2 },
      transferList: [port2],
    });
    await once(worker, 'message');
    for (const length of [1, 10, 1_000, 100_000, 1_000_000, 10, 5_000_000]) {
      const text = 'ü'.repeat(length);
      const answer = await ask(port1, exchange.store(text));
      expect(exchange.text(BigInt(answer)) === `${text}!`).toBe(true);
    }
    await worker.terminate();
  });
});

async function ask(port: MessagePort, block: number): Promise<number> {
  const answered = once(port, 'message');
  port.postMessage(block);
  const [answer] = await answered;
  return answer as number;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { EITHER, eitherModule } from './either.ts';
import { NUMBER_TYPE, type NumberType } from './entries.ts';
import type { FunctionType } from './types.ts';

type Numbers = readonly (number | bigint)[];
type Answer = (...values: never[]) => unknown;

const { Global } = WebAssembly as unknown as {
  Global: new (type: { value: string; mutable: boolean }, value: number) => WebAssembly.Global;
};

function open(type: FunctionType, now: unknown, later: unknown) {
  const suspends = new Global({ value: 'i32', mutable: true }, 0);
  const module = new WebAssembly.Module(eitherModule(type));
  const { exports } = new WebAssembly.Instance(module, { [EITHER.module]: { suspends, now, later } });
  return { suspends, call: exports[EITHER.call] as Answer };
}

const VALUES = {
  i32: fc.integer(),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
} as const satisfies Record<NumberType, fc.Arbitrary<number | bigint>>;

const numberType = fc.constantFrom(...(Object.keys(NUMBER_TYPE) as NumberType[]));
const calls = fc
  .tuple(fc.array(numberType, { maxLength: 8 }), fc.array(numberType, { maxLength: 1 }))
  .chain(([parameters, results]) =>
    fc.record({
      type: fc.constant<FunctionType>({ parameters, results }),
      values: fc.tuple(...parameters.map((each) => VALUES[each] as fc.Arbitrary<number | bigint>)),
      answers: fc.tuple(
        ...['now', 'later'].map(() => VALUES[results[0] ?? 'i32'] as fc.Arbitrary<number | bigint>),
      ),
    }),
  );

describe('a module that hands calls on', () => {
  it('gives the function that was chosen all arguments, and gives back what it answers', () => {
    fc.assert(
      fc.property(calls, ({ type, values, answers }) => {
        const seen: [form: string, values: Numbers][] = [];
        const answering =
          (form: string, answer: unknown) =>
          (...given: (number | bigint)[]): unknown => {
            seen.push([form, given]);
            return answer;
          };
        const [now, later] = answers;
        const { suspends, call } = open(type, answering('now', now), answering('later', later));
        const expected = type.results.length === 0 ? [undefined, undefined] : answers;
        const run = call as unknown as (...given: Numbers) => unknown;
        expect(run(...values)).toEqual(expected[0]);
        suspends.value = 1;
        expect(run(...values)).toEqual(expected[1]);
        suspends.value = 0;
        run(...values);
        expect(seen).toEqual([
          ['now', values],
          ['later', values],
          ['now', values],
        ]);
      }),
    );
  });

  const ADDED: FunctionType = { parameters: ['i64', 'i32'], results: ['i64'] };

  it('is suspended by the one and not by the other', async () => {
    const order: string[] = [];
    const later = async (value: bigint, times: number): Promise<bigint> => {
      order.push('asked');
      await new Promise(setImmediate);
      order.push('answered');
      return value * BigInt(times);
    };
    const now = (value: bigint, times: number): bigint => value + BigInt(times);
    const { suspends, call } = open(ADDED, now, new WebAssembly.Suspending(later as Answer));

    expect((call as (...values: unknown[]) => unknown)(20n, 3)).toBe(23n);
    suspends.value = -1;
    const answer = WebAssembly.promising(call)(20n, 3);
    order.push('waiting');
    expect(await answer).toBe(60n);
    expect(order).toEqual(['asked', 'waiting', 'answered']);
    suspends.value = 0;
    expect(await WebAssembly.promising(call)(20n, 3)).toBe(23n);
  });

  it('passes on what the function throws', () => {
    const failure = new Error('no');
    const { call } = open(
      ADDED,
      () => {
        throw failure;
      },
      () => 0n,
    );
    expect(() => (call as (...values: unknown[]) => unknown)(1n, 1)).toThrow(failure);
  });

  it('takes as many parameters as V8 does', () => {
    const parameters = Array.from({ length: 1_000 }, () => 'i32');
    const { call } = open(
      { parameters, results: ['i32'] },
      (...values: number[]) => values.at(-1),
      () => 0,
    );
    const values = parameters.map((_, index) => index);
    expect((call as unknown as (...values: number[]) => number)(...values)).toBe(999);
  });

  it.each([
    [{ parameters: ['externref'], results: [] }, '(externref) -> ()'],
    [{ parameters: [], results: ['v128'] }, '() -> v128'],
    [{ parameters: ['toString'], results: [] }, '(toString) -> ()'],
  ])('is not made for other than numbers: %j', async (type, described) => {
    const error = await failureOf(() => eitherModule(type));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      `a function of other than numbers: ${described}`,
    ]);
  });
});

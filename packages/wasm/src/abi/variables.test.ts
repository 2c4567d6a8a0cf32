import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { Variables } from './variables.ts';

const set = (variables: Variables, name: string, value: Uint8Array): void =>
  variables.set(name, Buffer.byteLength(name), value, 0, value.length);

describe('variables', () => {
  it('cost their name, their value and 48 bytes each', async () => {
    const variables = new Variables(2 * 48 + 10);
    set(variables, 'a', new Uint8Array(4));
    set(variables, 'ü', new Uint8Array(3));
    const error = await failureOf(() => set(variables, 'a', new Uint8Array(5)));
    expect([error.code, error.message]).toEqual([
      'limit',
      'Variable store is full: 107 bytes, variableBytes is 106',
    ]);
    expect(variables.get('a')).toHaveLength(4);
    variables.delete('ü', 2);
    set(variables, 'a', new Uint8Array(57));
    expect((await failureOf(() => set(variables, 'a', new Uint8Array(58)))).code).toBe('limit');
  });

  it('are copies of what they were set to', () => {
    const variables = new Variables(1_000);
    for (const length of [4, 4, 100, 100]) {
      const source = new Uint8Array(200).fill(length);
      variables.set('a', 1, source, 10, length);
      source.fill(0);
      expect(variables.get('a')).toEqual(new Uint8Array(length).fill(length));
    }
  });

  it('are copies of a Buffer too, whose own slice is none', () => {
    const variables = new Variables(1_000);
    const source = Buffer.from('value');
    set(variables, 'a', source);
    source.fill(0);
    expect(Buffer.from(variables.get('a')!).toString()).toBe('value');
  });

  it('never hold more than their budget, through any sequence', () => {
    const action = fc.record({
      name: fc.constantFrom('a', 'bb', 'ccc', 'ü'),
      length: fc.option(fc.nat(200)),
    });
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const variables = new Variables(500);
        const model = new Map<string, Uint8Array>();
        const costOf = (entries: Iterable<[string, Uint8Array]>): number =>
          [...entries].reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + value.length + 48, 0);
        for (const [index, { name, length }] of actions.entries()) {
          if (length === null) {
            variables.delete(name, Buffer.byteLength(name));
            model.delete(name);
          } else {
            const value = new Uint8Array(length).fill(index);
            const fits = costOf(new Map([...model, [name, value]])) <= 500;
            if (fits) model.set(name, value);
            if (fits) set(variables, name, value);
            else expect(() => set(variables, name, value)).toThrow('Variable store is full');
          }
          for (const each of ['a', 'bb', 'ccc', 'ü']) expect(variables.get(each)).toEqual(model.get(each));
        }
      }),
    );
  });
});

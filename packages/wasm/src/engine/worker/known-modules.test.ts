import { expect, it } from 'vitest';
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { CompiledModule } from '../../module/compile.ts';
import { KnownModules } from './known-modules.ts';
import type { Order } from './messages.ts';

const module = (): CompiledModule => ({}) as CompiledModule;
const alone = (main: CompiledModule): CompiledPlugin => ({ main, links: new Map() });

it('tells of each module once, and numbers them', () => {
  const told: Order[] = [];
  const known = new KnownModules((order) => told.push(order));
  const [main, link] = [module(), module()];
  expect(known.of({ main, links: new Map([['a', link]]) })).toEqual({ main: 1, links: new Map([['a', 2]]) });
  expect(known.of({ main: link, links: new Map([['b', main]]) })).toEqual({
    main: 2,
    links: new Map([['b', 1]]),
  });
  expect(told).toEqual([
    { type: 'module', number: 1, module: main },
    { type: 'module', number: 2, module: link },
  ]);
});

it('lets go of the one that was used longest ago', () => {
  const told: Order[] = [];
  const known = new KnownModules((order) => told.push(order));
  const modules = Array.from({ length: 33 }, module);
  for (const each of modules) known.of(alone(each));
  known.of(alone(modules[0] as CompiledModule));
  known.trim();
  expect(told.slice(33)).toEqual([{ type: 'forget', module: 2 }]);
  known.trim();
  expect(told).toHaveLength(34);
  expect(known.of(alone(modules[1] as CompiledModule)).main).toBe(34);
});

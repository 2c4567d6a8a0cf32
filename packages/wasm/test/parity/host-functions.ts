// Host functions and what they see of a call; logging.
import { expect } from 'vitest';
import { manifestOf } from './modules.ts';
import { type ParityCase, type PeerContext, rejectionOf, withPlugin } from './peer.ts';

/** Functions for the guest that hands `{"count": n}` to `hello_world`. */
const helloWorld = (
  answer: (context: PeerContext, block: bigint) => unknown,
): { functions: Record<string, Record<string, (context: PeerContext, ...values: bigint[]) => unknown>> } => ({
  functions: { 'extism:host/user': { hello_world: (context, block) => answer(context, block as bigint) } },
});

type Line = readonly [level: string, text: string];

function keepingLogger(): { logger: object; lines: Line[] } {
  const lines: Line[] = [];
  const keep = (level: string) => (text: string) => void lines.push([level, text]);
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'log'];
  return { lines, logger: Object.fromEntries(levels.map((level) => [level, keep(level)])) };
}

const LINES: readonly Line[] = [
  ['trace', 'this is a trace log'],
  ['debug', 'this is a debug log'],
  ['info', 'this is an info log'],
  ['warn', 'this is a warning log'],
  ['error', 'this is an erroring log'],
];

/** The cases. */
export const HOST_FUNCTIONS: readonly ParityCase[] = [
  {
    number: 21,
    title: 'logs',
    run: async (implementation) => {
      const { logger, lines } = keepingLogger();
      await withPlugin(
        implementation,
        await manifestOf('log'),
        { logger, logLevel: 'trace', useWasi: true },
        async (plugin) => {
          expect((await plugin.call('run_test', ''))?.text()).toBe('0');
        },
      );
      expect(lines).toEqual(LINES);
    },
  },
  {
    number: 22,
    title: 'filters what is logged by its level',
    run: async (implementation) => {
      const { logger, lines } = keepingLogger();
      await withPlugin(
        implementation,
        await manifestOf('log'),
        { logger, logLevel: 'info' },
        async (plugin) => {
          expect((await plugin.call('run_test', ''))?.text()).toBe('2');
        },
      );
      expect(lines).toEqual(LINES.slice(2));
    },
  },
  {
    title: 'logs nothing when nothing else was said, and tells the guest so',
    run: async (implementation) => {
      const { logger, lines } = keepingLogger();
      await withPlugin(implementation, await manifestOf('log'), { logger }, async (plugin) => {
        expect((await plugin.call('run_test', ''))?.text()).toBe(String(0x7fff_ffff));
      });
      expect(lines).toEqual([]);
    },
  },
  {
    number: 23,
    title: 'lets host functions read what the guest wrote, and answer with more',
    run: async (implementation) => {
      const options = helloWorld((context, block) => {
        const text = context.read(block)?.string();
        expect(context.length(block)).toBe(12n);
        return context.store(`${text} and more`);
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        const output = await plugin.call('count_vowels', 'hello world');
        expect(output?.string()).toBe('{"count": 3} and more');
      });
    },
  },
  {
    number: 24,
    title: 'waits for asynchronous host functions on the main thread',
    run: async (implementation) => {
      const functions = {
        'extism:host/user': {
          hello_world: async (context: PeerContext, block: bigint | undefined) => {
            await new Promise((resolve) => setTimeout(resolve, 10));
            return context.store(`${context.read(block ?? 0n)?.string()} after a while`);
          },
        },
      };
      await withPlugin(
        implementation,
        await manifestOf('count-vowels-host'),
        { functions },
        async (plugin) => {
          const output = await plugin.call('count_vowels', 'hello world');
          expect(output?.string()).toBe('{"count": 3} after a while');
        },
      );
    },
  },
  {
    number: 27,
    title: 'forgets every block when it is reset',
    run: async (implementation) => {
      let seen: PeerContext | undefined;
      let at = 0n;
      const options = helloWorld((context, block) => {
        seen = context;
        at = context.store('some other text');
        return block;
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        expect((await plugin.call('count_vowels', 'hello world'))?.json()).toEqual({ count: 3 });
        expect(seen?.read(at)?.string()).toBe('some other text');
        expect(await plugin.reset()).toBe(true);
        expect(seen?.read(at)).toBe(null);
      });
    },
  },
  {
    number: 28,
    title: 'rejects with the very error that a host function threw',
    run: async (implementation) => {
      const thrown = new Error('it is a bad day');
      const options = helloWorld(() => {
        throw thrown;
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        expect(await rejectionOf(() => plugin.call('count_vowels', 'hello'))).toBe(thrown);
      });
    },
  },
  {
    title: 'shows host functions what the guest set as a variable, and the guest what they set',
    run: async (implementation) => {
      const functions = {
        'extism:host/user': {
          test: (context: PeerContext, ...[key, value]: bigint[]) => {
            const name = context.read(key ?? 0n)?.string() ?? '';
            expect(name).toBe('hi there');
            expect(context.read(value ?? 0n)?.string()).toBe('from the guest');
            expect(context.getVariable(name)?.string()).toBe('from the guest');
            expect(context.getVariable('another')).toBe(null);
            context.setVariable('another', 'x');
            context.deleteVariable('another');
            expect(context.getVariable('another')).toBe(null);
            context.setVariable(name, new TextEncoder().encode('from the host'));
            return key;
          },
        },
      };
      await withPlugin(implementation, await manifestOf('var-reflected'), { functions }, async (plugin) => {
        expect((await plugin.call('run_test', 'from the guest'))?.string()).toBe('from the host');
      });
    },
  },
  {
    title: 'gives host functions the context of the call, the very same one, and none without one',
    run: async (implementation) => {
      const seen: unknown[] = [];
      const options = helloWorld((context, block) => {
        seen.push(context.hostContext());
        return block;
      });
      const given = { private: () => 'x' };
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        await plugin.call('count_vowels', 'hello', given);
        await plugin.call('count_vowels', 'hello');
      });
      expect(seen[0]).toBe(given);
      expect(seen[1]).toBe(undefined);
    },
  },
  {
    title: 'lets host functions fail the call with a text, and allocate',
    run: async (implementation) => {
      const options = helloWorld((context) => {
        const block = context.alloc(4);
        expect([context.length(block), context.read(block)?.getUint32(0)]).toEqual([4n, 0]);
        context.setError('the host is out of coffee');
        return block;
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('count_vowels', 'hello'));
        expect(error.message).toBe('Plugin-originated error: the host is out of coffee');
      });
    },
  },
  {
    title: 'is active during a call, and cannot be reset then',
    run: async (implementation) => {
      const seen: unknown[] = [];
      let reset: Promise<boolean> | undefined;
      const options = helloWorld((_, block) => {
        seen.push(plugin.isActive());
        reset = plugin.reset();
        return block;
      });
      const plugin = await implementation.createPlugin(await manifestOf('count-vowels-host'), options);
      expect((await plugin.call('count_vowels', 'hello'))?.json()).toEqual({ count: 2 });
      expect([...seen, await reset, plugin.isActive()]).toEqual([true, false, false]);
      await plugin.close();
    },
  },
  {
    title: 'lets host functions set the level that the guest sees',
    run: async (implementation) => {
      const options = helloWorld((context, block) => {
        expect(context.logLevel).toBe('silent');
        context.logLevel = 'warn';
        expect(context.logLevel).toBe('warn');
        return block;
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        await plugin.call('count_vowels', 'hello');
      });
    },
  },
  {
    title: 'names an import that nobody provides',
    run: async ({ createPlugin }) => {
      const manifest = await manifestOf('count-vowels-host');
      expect((await rejectionOf(() => createPlugin(manifest))).message).toBe(
        'from module "main": cannot resolve import "extism:host/user" "hello_world": not provided by host imports nor linked manifest items',
      );
      const functions = { 'extism:host/user': { goodbye_world: () => undefined } };
      expect((await rejectionOf(() => createPlugin(manifest, { functions }))).message).toBe(
        'from module "main": cannot resolve import "extism:host/user" "hello_world" ("extism:host/user" is a host module, but does not contain "hello_world")',
      );
    },
  },
];

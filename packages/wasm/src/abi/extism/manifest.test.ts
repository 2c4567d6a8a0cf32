import { ARTIFACT_MAX_BYTES, isPlugbayError } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../test/open.ts';
import { MANIFEST_MAX_CHARACTERS, parseManifest } from './manifest.ts';

const WASM = [{ path: 'plugin.wasm' }];

/** What is said about a manifest that is refused. */
async function refusalOf(input: string | object): Promise<[code: string, message: string, hint?: string]> {
  const { code, message, hint } = await failureOf(() => parseManifest(input));
  return hint === undefined ? [code, message] : [code, message, hint];
}

const refused = (problem: string, hint?: string): unknown[] => {
  const text = ['invalid', `Extism manifest: ${problem}`];
  return hint === undefined ? text : [...text, hint];
};

describe('a manifest', () => {
  it('is complete when all it has is a module', () => {
    expect(parseManifest({ wasm: WASM })).toEqual({
      modules: [{ name: 'main', origin: { kind: 'path', path: 'plugin.wasm' } }],
      memory: {},
      config: {},
      allowedHosts: [],
      allowedPaths: [],
    });
  });

  const hash = 'cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f';
  const WHOLE = {
    modules: [
      {
        name: 'main',
        origin: { kind: 'data', bytes: Buffer.from('\0asm') },
        hash,
      },
    ],
    memory: { maxPages: 4, maxHttpResponseBytes: 1_000, maxVarBytes: 0 },
    config: { thing: 'one', '': '' },
    allowedHosts: ['*.example.com'],
    allowedPaths: [
      { host: '/srv/data', guest: '/data', readOnly: false },
      { host: '/srv/static', guest: '/static', readOnly: true },
    ],
    timeoutMs: 5_000,
  };

  it('may say everything, as the format spells it', () => {
    const manifest = {
      wasm: [{ data: 'AGFzbQ==', hash, name: 'ignored' }],
      memory: { max_pages: 4, max_http_response_bytes: 1_000, max_var_bytes: 0 },
      config: { thing: 'one', '': '' },
      allowed_hosts: ['*.example.com'],
      allowed_paths: { '/srv/data': '/data', 'ro:/srv/static': '/static' },
      timeout_ms: 5_000,
    };
    expect(parseManifest(manifest)).toEqual(WHOLE);
    expect(parseManifest(JSON.stringify(manifest))).toEqual(WHOLE);
    expect(parseManifest(`\n  ${JSON.stringify(manifest, null, 2)}`)).toEqual(WHOLE);
  });

  it('may say everything, as JavaScript spells it', () => {
    const manifest = {
      wasm: [{ data: Uint8Array.of(0, 97, 115, 109), hash }],
      memory: { maxPages: 4, maxHttpResponseBytes: 1_000, maxVarBytes: 0 },
      config: { thing: 'one', '': '' },
      allowedHosts: ['*.example.com'],
      allowedPaths: { '/srv/data': '/data', 'ro:/srv/static': '/static' },
      timeoutMs: 5_000,
    };
    const { modules, ...rest } = parseManifest(manifest);
    expect(rest).toEqual({ ...WHOLE, modules: undefined });
    expect(modules[0]?.origin).toEqual({ kind: 'data', bytes: Uint8Array.of(0, 97, 115, 109) });
  });

  it('may have null where the format allows it, and undefined everywhere', () => {
    const plain = parseManifest({ wasm: WASM });
    const nulls = {
      wasm: [{ path: 'plugin.wasm', name: null, hash: null }],
      memory: { max_pages: null, max_http_response_bytes: null, max_var_bytes: null },
      allowed_hosts: null,
      allowed_paths: null,
      timeout_ms: null,
    };
    expect(parseManifest(JSON.stringify(nulls))).toEqual(plain);
    expect(parseManifest({ wasm: WASM, memory: undefined, config: undefined, timeoutMs: undefined })).toEqual(
      plain,
    );
  });

  it('cannot be changed once it is read', () => {
    const manifest = parseManifest({
      wasm: [{ url: 'https://example.com/a.wasm', headers: { a: 'b' } }],
      memory: { max_pages: 1 },
      config: { a: 'b' },
      allowed_hosts: ['a'],
      allowed_paths: { a: 'b' },
    });
    const [module] = manifest.modules;
    const parts = [
      manifest,
      manifest.modules,
      module,
      module?.origin,
      (module as { origin: { headers?: object } }).origin.headers,
      manifest.memory,
      manifest.config,
      manifest.allowedHosts,
      manifest.allowedPaths,
      manifest.allowedPaths[0],
    ];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });

  it('takes keys that mean something to JavaScript for keys', () => {
    const text = '{"wasm":[{"path":"a"}],"config":{"__proto__":"one","constructor":"two"}}';
    const { config } = parseManifest(text);
    expect(Object.entries(config)).toEqual([
      ['__proto__', 'one'],
      ['constructor', 'two'],
    ]);
  });
});

describe('a manifest is refused', () => {
  it.each([
    ['no JSON', '{"wasm":', 'it is not JSON', 'Pass a JSON text or an object; TOML is not supported.'],
    ['TOML', 'wasm = []', 'it is not JSON', 'Pass a JSON text or an object; TOML is not supported.'],
    ['a list', '[]', 'it must be an object, not an array'],
    ['null', 'null', 'it must be an object, not null'],
    ['a number', '7', 'it must be an object, not a number'],
    ['bytes', new Uint8Array(4), 'it must be an object, not an object'],
    ['no modules', {}, 'it has no wasm'],
    ['modules that are no list', { wasm: {} }, 'wasm must be an array, not an object'],
    ['null as modules', { wasm: null }, 'wasm must be an array, not null'],
    ['an empty list', { wasm: [] }, 'wasm is empty', 'Name at least one module.'],
    ['17 modules', { wasm: Array(17).fill({ path: 'a' }) }, 'wasm has 17 members, more than 16'],
    ['a module that is text', { wasm: ['a.wasm'] }, 'wasm[0] must be an object, not a string'],
    ['a hole', { wasm: [...WASM, undefined] }, 'wasm[1] must be an object, not nothing'],
    ['a module of nothing', { wasm: [{}] }, 'wasm[0] has no source', 'Give one of path, data and url.'],
    [
      'a module of two things',
      { wasm: [{ path: 'a', data: '' }] },
      'wasm[0] has path and data',
      'Give one of path, data and url.',
    ],
    ['an empty path', { wasm: [{ path: '' }] }, 'wasm[0].path is empty'],
    ['a number as path', { wasm: [{ path: 1 }] }, 'wasm[0].path must be a string, not a number'],
    ['a number as name', { wasm: [{ path: 'a', name: 1 }] }, 'wasm[0].name must be a string, not a number'],
    [
      'a long name',
      { wasm: [{ path: 'a', name: 'x'.repeat(257) }] },
      'wasm[0].name has 257 characters, more than 256',
    ],
    ['a list as hash', { wasm: [{ path: 'a', hash: [] }] }, 'wasm[0].hash must be a string, not an array'],
    ['a number as data', { wasm: [{ data: 7 }] }, 'wasm[0].data must be base64, not a number'],
    ['a pointer', { wasm: [{ data: { ptr: 1, len: 2 } }] }, 'wasm[0].data must be base64, not an object'],
    [
      'no URL',
      { wasm: [{ url: 'plugin.wasm' }] },
      'wasm[0].url must be a URL that begins with http: or https:',
    ],
    [
      'a file',
      { wasm: [{ url: 'file:///a' }] },
      'wasm[0].url must be a URL that begins with http: or https:',
    ],
    [
      'a password',
      { wasm: [{ url: 'https://a:b@example.com/' }] },
      'wasm[0].url contains a user or a password',
      'Send them as a header.',
    ],
    [
      'no method',
      { wasm: [{ url: 'https://example.com/', method: 'GET /x' }] },
      'wasm[0].method must be a method of HTTP, like GET',
    ],
    [
      'a list of headers',
      { wasm: [{ url: 'https://example.com/', headers: ['a'] }] },
      'wasm[0].headers must be an object, not an array',
    ],
    [
      'a header that is a number',
      { wasm: [{ url: 'https://example.com/', headers: { 'x-a': 1 } }] },
      'wasm[0].headers["x-a"] must be a string, not a number',
    ],
    ['null as memory', { wasm: WASM, memory: null }, 'memory must be an object, not null'],
    [
      'half a page',
      { wasm: WASM, memory: { max_pages: 0.5 } },
      'memory.max_pages must be a whole number from 0 to 4294967295, not 0.5',
    ],
    [
      'too many pages',
      { wasm: WASM, memory: { maxPages: 2 ** 32 } },
      'memory.maxPages must be a whole number from 0 to 4294967295, not 4294967296',
    ],
    [
      'a limit that is text',
      { wasm: WASM, memory: { max_var_bytes: '7' } },
      'memory.max_var_bytes must be a whole number from 0 to 9007199254740991, not a string',
    ],
    [
      'a negative time',
      { wasm: WASM, timeout_ms: -1 },
      'timeout_ms must be a whole number from 0 to 9007199254740991, not -1',
    ],
    [
      'no number of milliseconds',
      { wasm: WASM, timeout_ms: Number.NaN },
      'timeout_ms must be a whole number from 0 to 9007199254740991, not NaN',
    ],
    ['a list as configuration', { wasm: WASM, config: [] }, 'config must be an object, not an array'],
    [
      'a number as configuration',
      { wasm: WASM, config: { 'a b': 1 } },
      'config["a b"] must be a string, not a number',
    ],
    ['null as configuration', { wasm: WASM, config: { a: null } }, 'config.a must be a string, not null'],
    [
      'a host that is no list',
      { wasm: WASM, allowed_hosts: '*' },
      'allowed_hosts must be an array, not a string',
    ],
    [
      'a host that is no text',
      { wasm: WASM, allowed_hosts: ['a', 7] },
      'allowed_hosts[1] must be a string, not a number',
    ],
    [
      'a long host',
      { wasm: WASM, allowedHosts: ['x'.repeat(254)] },
      'allowedHosts[0] has 254 characters, more than 253',
    ],
    [
      'a list of paths',
      { wasm: WASM, allowed_paths: ['/a'] },
      'allowed_paths must be an object, not an array',
    ],
    [
      'a path without a folder',
      { wasm: WASM, allowed_paths: { 'ro:': '/a' } },
      'allowed_paths maps nothing to "/a"',
      'Map a folder to a name.',
    ],
    [
      'a path without a name',
      { wasm: WASM, allowed_paths: { '/a': '' } },
      'allowed_paths maps "/a" to nothing',
      'Map a folder to a name.',
    ],
  ])('for %s', async (_, input, problem, hint?: string) => {
    expect(await refusalOf(input)).toEqual(refused(problem, hint));
  });

  it.each([
    ['foo', { wasm: WASM, foo: 1 }, 'wasm, memory, config, allowed_hosts, allowed_paths, timeout_ms'],
    ['wasm[0].foo', { wasm: [{ path: 'a', foo: 1 }] }, 'path, data, url, headers, method, name, hash'],
    ['wasm[1].method', { wasm: [...WASM, { path: 'b', name: 'b', method: 'GET' }] }, 'path, name, hash'],
    ['wasm[0].headers', { wasm: [{ data: '', headers: {} }] }, 'data, name, hash'],
    ['memory.max', { wasm: WASM, memory: { max: 1 } }, 'max_pages, max_http_response_bytes, max_var_bytes'],
    ['__proto__', '{"wasm":[{"path":"a"}],"__proto__":{}}', undefined],
    ['toString', { wasm: WASM, toString: undefined }, undefined],
    [`["${'x'.repeat(80)}"]`, { wasm: WASM, ['x'.repeat(5_000)]: 1 }, undefined],
    ['["a\\nb"]', { wasm: WASM, 'a\nb': 1 }, undefined],
  ])('for the unknown field %s', async (path, input, known) => {
    const names = known ?? 'wasm, memory, config, allowed_hosts, allowed_paths, timeout_ms';
    expect(await refusalOf(input)).toEqual(refused(`unknown field ${path}`, `Known there: ${names}.`));
  });

  it('for a field in both spellings', async () => {
    const hint = 'Keep one of them.';
    expect(await refusalOf({ wasm: WASM, timeout_ms: 1, timeoutMs: 1 })).toEqual(
      refused('it has both timeout_ms and timeoutMs', hint),
    );
    expect(await refusalOf({ wasm: WASM, memory: { maxPages: 1, max_pages: 1 } })).toEqual(
      refused('memory has both max_pages and maxPages', hint),
    );
    expect(parseManifest({ wasm: WASM, timeout_ms: null, timeoutMs: 1 }).timeoutMs).toBe(1);
  });

  it('for more than there may be', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}`, 'x']));
    expect(await refusalOf({ wasm: WASM, config: many(10_001) })).toEqual(
      refused('config has 10001 members, more than 10000'),
    );
    expect(await refusalOf({ wasm: WASM, allowed_paths: many(101) })).toEqual(
      refused('allowed_paths has 101 members, more than 100'),
    );
    expect(await refusalOf({ wasm: WASM, allowed_hosts: Array(1_001).fill('a') })).toEqual(
      refused('allowed_hosts has 1001 members, more than 1000'),
    );
    expect(await refusalOf({ wasm: WASM, config: { ['k'.repeat(1_025)]: '' } })).toEqual(
      refused(`config["${'k'.repeat(80)}"] has a name of 1025 characters, more than 1024`),
    );
    expect(await refusalOf(' '.repeat(MANIFEST_MAX_CHARACTERS + 1))).toEqual([
      'limit',
      `Extism manifest: it has ${MANIFEST_MAX_CHARACTERS + 1} characters, more than ${MANIFEST_MAX_CHARACTERS}`,
    ]);
  });

  it('for a module that is too large, as bytes and as base64', async () => {
    const bytes = new Uint8Array(ARTIFACT_MAX_BYTES + 1);
    const tooLarge = [
      'limit',
      `Extism manifest: wasm[0].data has more than the ${ARTIFACT_MAX_BYTES} bytes that a module may have`,
    ];
    expect(await refusalOf({ wasm: [{ data: bytes }] })).toEqual(tooLarge);
    expect(await refusalOf({ wasm: [{ data: Buffer.from(bytes).toString('base64') }] })).toEqual(tooLarge);
  });
});

describe('the data of a module', () => {
  it.each(['A', 'AA', 'AAA', 'AA=', 'A===', 'AB==', 'AAB=', 'AA==\n', ' AA==', 'A-A_', 'AA==AA=='])(
    'is not base64 as %s',
    async (data) => {
      expect(await refusalOf({ wasm: [{ data }] })).toEqual(
        refused('wasm[0].data is not base64', 'Use the standard alphabet with padding and no line breaks.'),
      );
    },
  );

  it('is any bytes that base64 stands for, and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const data = Buffer.from(bytes).toString('base64');
        const { origin } = parseManifest(JSON.stringify({ wasm: [{ data }] })).modules[0] as {
          origin: { bytes: Uint8Array };
        };
        expect([...origin.bytes]).toEqual([...bytes]);
      }),
    );
  });
});

describe('the names of modules', () => {
  const names = (...given: (string | undefined)[]): string[] =>
    parseManifest({ wasm: given.map((name) => ({ path: 'a', name })) }).modules.map(({ name }) => name);

  it.each([
    [['anything'], ['main']],
    [[undefined], ['main']],
    [
      ['a', undefined],
      ['a', 'main'],
    ],
    [
      [undefined, 'a'],
      ['main', 'a'],
    ],
    [
      ['main', 'a'],
      ['main', 'a'],
    ],
    [
      ['a', 'b'],
      ['a', 'main'],
    ],
    [
      ['a', 'b', 'c'],
      ['a', 'b', 'main'],
    ],
    [
      ['a', 'a'],
      ['a', 'main'],
    ],
    [
      ['__proto__', 'main'],
      ['__proto__', 'main'],
    ],
  ])('given as %j are %j', (given, settled) => {
    expect(names(...given)).toEqual(settled);
  });

  it.each([
    [['main', undefined], 'main'],
    [[undefined, undefined], 'main'],
    [['main', 'main'], 'main'],
    [['a', 'a', 'main'], 'a'],
    [['a', 'a', 'b'], 'a'],
  ])('given as %j are refused', async (given, twice) => {
    const error = await failureOf(() => names(...given));
    expect([error.code, error.message]).toEqual([
      'invalid',
      `Duplicate module name found in Extism manifest: ${twice}`,
    ]);
  });
});

describe('a module at a URL', () => {
  it('is fetched with GET and no headers unless the manifest says otherwise', () => {
    const origins = parseManifest({
      wasm: [
        { name: 'a', url: 'https://example.com/a b.wasm' },
        { name: 'b', url: 'HTTP://example.com', method: 'post', headers: { 'X-A': 'b' } },
        { name: 'c', url: new URL('https://example.com/c') },
      ],
    }).modules.map(({ origin }) => origin);
    expect(origins).toEqual([
      { kind: 'url', url: 'https://example.com/a%20b.wasm', method: 'GET', headers: {} },
      { kind: 'url', url: 'http://example.com/', method: 'POST', headers: { 'X-A': 'b' } },
      { kind: 'url', url: 'https://example.com/c', method: 'GET', headers: {} },
    ]);
  });
});

describe('parseManifest', () => {
  it('answers anything with a manifest or an error of ours that is short', () => {
    const names = ['wasm', 'memory', 'config', 'allowed_hosts', 'allowedPaths', 'timeout_ms'];
    const anything = fc.anything({ maxDepth: 3, withNullPrototype: true, withBigInt: true });
    const near = fc
      .dictionary(fc.constantFrom(...names), anything)
      .chain((rest) =>
        fc
          .array(fc.dictionary(fc.constantFrom('path', 'data', 'url', 'name', 'hash', 'x'), anything))
          .map((wasm) => ({ ...rest, wasm })),
      );
    const input = fc.oneof(near, fc.object(), fc.string(), fc.json());
    fc.assert(
      fc.property(input, (value) => {
        try {
          expect(parseManifest(value).modules.filter(({ name }) => name === 'main')).toHaveLength(1);
        } catch (error) {
          if (!isPlugbayError(error)) throw error;
          expect(['invalid', 'limit']).toContain(error.code);
          expect(error.message.length).toBeLessThan(600);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

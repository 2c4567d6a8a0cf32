import { wat } from '@plugbay/testing';
import { createInlineRuntime } from '@plugbay/wasm';
import { describe, expect, it } from 'vitest';
import { doorTo, failureOf } from '../../../test/open.ts';
import { readManifest } from './manifest-source.ts';

const base64 = async (source: string): Promise<string> => Buffer.from(await wat(source)).toString('base64');

const MAIN = `(module (import "side" "answer" (func $answer (result i32)))
  (memory 2) (func (export "run") (result i32) (call $answer))
  (func (export "grow") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))`;
const SIDE = '(module (memory 1) (func (export "answer") (result i32) (i32.const 42)))';

describe('a manifest that is read', () => {
  it('opens: modules, configuration and limits', async () => {
    const { source, config, limits } = await readManifest('sample', {
      wasm: [{ name: 'side', data: await base64(SIDE) }, { data: await base64(MAIN) }],
      config: { greeting: 'hi' },
      memory: { max_pages: 3, max_var_bytes: 100 },
    });
    expect([config, limits]).toEqual([{ greeting: 'hi' }, { memoryPages: 6, variableBytes: 100 }]);
    const plugin = await createInlineRuntime().open(source, {
      tenant: 'acme',
      door: doorTo({}),
      config,
      limits,
    });
    expect((await failureOf(() => plugin.callSync('run'))).message).toBe('Returned non-zero exit code: 42');
    expect((await failureOf(() => plugin.callSync('grow'))).message).toBe('Returned non-zero exit code: 5');
  });

  it('says what else it wants, which its host may grant', async () => {
    const { directories, allowedHosts, maxHttpResponseBytes, timeoutMs, limits } = await readManifest(
      'sample',
      {
        wasm: [{ data: await base64(SIDE) }],
        allowed_hosts: ['*.example.com'],
        allowed_paths: { '/srv/data': '/data', 'ro:/srv/templates': '/templates' },
        memory: { max_http_response_bytes: 1_000, max_var_bytes: 0 },
        timeout_ms: 250,
      },
    );
    expect({ directories, allowedHosts, maxHttpResponseBytes, timeoutMs, limits }).toEqual({
      directories: [
        { host: '/srv/data', guest: '/data', readOnly: false },
        { host: '/srv/templates', guest: '/templates', readOnly: true },
      ],
      allowedHosts: ['*.example.com'],
      maxHttpResponseBytes: 1_000,
      timeoutMs: 250,
      limits: { variableBytes: 1 },
    });
  });
});

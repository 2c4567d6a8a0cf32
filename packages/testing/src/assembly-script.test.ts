import { describe, expect, it } from 'vitest';
import { exportsOf, importsOf, instantiate } from '../test/module.ts';
import { compileAssemblyScript } from './assembly-script.ts';

describe('compileAssemblyScript', () => {
  it('builds a module that needs nothing', async () => {
    const bytes = await compileAssemblyScript('export function sum(a: i32, b: i32): i32 { return a + b; }\n');
    expect(instantiate<{ sum(a: number, b: number): number }>(bytes).sum(40, 2)).toBe(42);
  });

  it('builds a plugin with the PDK, which imports nothing but what the Extism ABI defines', async () => {
    const source =
      "import { Host } from '@extism/as-pdk';\nexport function greet(): i32 {\n  Host.outputString('hello ' + Host.inputString());\n  return 0;\n}\n";
    const bytes = await compileAssemblyScript(source, { name: 'greet' });
    expect(exportsOf(bytes)).toEqual(['greet', 'memory']);
    expect(importsOf(bytes).filter((name) => !name.startsWith('extism:host/env.'))).toEqual([]);
  });

  it('takes flags', async () => {
    const source = 'export function two(): i32 { return 2; }\n';
    const bytes = await compileAssemblyScript(source, { flags: ['--exportRuntime'] });
    expect(exportsOf(bytes)).toContain('__new');
  });

  it('fails with what the compiler says', async () => {
    await expect(
      compileAssemblyScript('export function f(): i32 { return x; }\n', { name: 'bad' }),
    ).rejects.toThrow(/^asc failed:\n[\s\S]*Cannot find name 'x'[\s\S]*bad\.ts/);
    await expect(
      compileAssemblyScript("import { a } from 'nowhere';\nexport const b = a;\n"),
    ).rejects.toThrow(/^asc failed:\n[\s\S]*File '~lib\/nowhere\.ts' not found/);
  });
});

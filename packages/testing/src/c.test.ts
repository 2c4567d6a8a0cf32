import { describe, expect, it } from 'vitest';
import { exportsOf, importsOf, instantiate } from '../test/module.ts';
import { compileC } from './c.ts';

describe('compileC', () => {
  it('builds a module that needs nothing, from several files', async () => {
    const bytes = await compileC({
      name: 'sum',
      sources: {
        'sum.h': '#define EXPORT(name) __attribute__((export_name(#name)))\nint twice(int);\n',
        'twice.c': '#include "sum.h"\nint twice(int a) { return 2 * a; }\n',
        'sum.c': '#include "sum.h"\nEXPORT(sum) int sum(int a, int b) { return twice(a) + b; }\n',
      },
    });
    expect(instantiate<{ sum(a: number, b: number): number }>(bytes).sum(20, 2)).toBe(42);
    expect([exportsOf(bytes), importsOf(bytes)]).toEqual([['memory', 'sum'], []]);
  });

  it('builds a WASI command and a WASI reactor with the C library', async () => {
    const command = await compileC({
      name: 'command',
      target: 'wasi',
      sources: { 'main.c': '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' },
    });
    expect(exportsOf(command)).toEqual(['memory', '_start']);
    expect(importsOf(command)).toContain('wasi_snapshot_preview1.fd_write');
    const reactor = await compileC({
      name: 'reactor',
      target: 'wasi-reactor',
      sources: {
        'greet.c':
          '#include <stdio.h>\n__attribute__((export_name("greet"))) int greet(void) { return puts("hello"); }\n',
      },
    });
    expect(exportsOf(reactor)).toEqual(['memory', 'greet', '_initialize']);
  });

  it('takes flags for the compiler and for the linker', async () => {
    const bytes = await compileC({
      name: 'flags',
      sources: { 'a.c': 'int answer(void) { return ANSWER; }\n' },
      flags: ['-DANSWER=42', '-Wl,--export=answer,--initial-memory=131072'],
    });
    const { answer, memory } = instantiate<{ answer(): number; memory: WebAssembly.Memory }>(bytes);
    expect([answer(), memory.buffer.byteLength]).toEqual([42, 131_072]);
  });

  it('fails with what the compiler, or the linker, says', async () => {
    const bad = (text: string) => compileC({ name: 'bad', sources: { 'bad.c': text } });
    await expect(bad('int f(void) { return x; }')).rejects.toThrow(
      /^clang failed:\n[\s\S]*use of undeclared identifier 'x'/,
    );
    await expect(
      bad('int g(void);\n__attribute__((export_name("f"))) int f(void) { return g(); }'),
    ).rejects.toThrow(/^wasm-ld failed:\n[\s\S]*undefined symbol: g/);
  });
});

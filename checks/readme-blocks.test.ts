import { describe, expect, test } from 'vitest';
import { readmeBlocks } from './readme-blocks.ts';

describe('readme blocks', () => {
  test('are the ts ones, with what their fences say', () => {
    const markdown = [
      '# A', // 1
      '```ts', // 2
      'console.log(1);',
      '```', // 4
      'prints',
      '```text', // 6
      '1',
      '```',
      '```ts no-run', // 9
      'a();',
      'b();',
      '```',
      '```sh',
      'npm test',
      '```',
    ].join('\n');
    expect(readmeBlocks(markdown)).toEqual([
      { code: 'console.log(1);\n', line: 2, runs: true, output: '1\n' },
      { code: 'a();\nb();\n', line: 9, runs: false, output: undefined },
    ]);
  });

  test('have an output only when it is the very next fence', () => {
    const markdown = '```ts\na();\n```\n```sh\nls\n```\n```text\n1\n```\n';
    expect(readmeBlocks(markdown)[0]?.output).toBeUndefined();
  });

  test('must be closed', () => {
    expect(() => readmeBlocks('# A\n```ts\na();\n')).toThrow('the fence of line 2 is never closed');
  });
});

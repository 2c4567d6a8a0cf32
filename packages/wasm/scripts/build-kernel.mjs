// Builds src/abi/extism/kernel.wat into kernel.generated.ts. Run it after every change of the WAT:
//   node --conditions=@plugbay/source packages/wasm/scripts/build-kernel.mjs
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { wat } from '@plugbay/testing';

const folder = new URL('../src/abi/extism/', import.meta.url);
const source = await readFile(new URL('kernel.wat', folder), 'utf8');
const bytes = Buffer.from(await wat(source));

await writeFile(
  new URL('kernel.generated.ts', folder),
  `// Generated from kernel.wat by scripts/build-kernel.mjs; a test rebuilds it and compares.

/** The lower-case hex SHA-256 of the WAT that the kernel was built from. */
export const KERNEL_WAT_SHA256 = '${createHash('sha256').update(source).digest('hex')}';

/** The kernel as a WebAssembly module, in base64: ${bytes.length} bytes. */
export const KERNEL_BASE64 =
  '${bytes.toString('base64')}';
`,
);

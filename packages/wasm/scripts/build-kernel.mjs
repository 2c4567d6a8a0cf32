// Builds src/abi/extism/kernel.wat into kernel.generated.ts. Run it after every change of the WAT:
//   node --conditions=@plugbay/source packages/wasm/scripts/build-kernel.mjs
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { wat } from '@plugbay/testing';

const folder = new URL('../src/abi/extism/', import.meta.url);
const source = await readFile(new URL('kernel.wat', folder), 'utf8');
// Memories that are shared have to say how large they may become: 2 GiB, because all offsets are below 2^31.
const OWN_MEMORY = '(memory 1)';
const SHARED_MEMORY = '(memory 1 32768 shared)';
if (source.split(OWN_MEMORY).length !== 2) throw new Error(`kernel.wat says ${OWN_MEMORY} not once`);

const bytes = Buffer.from(await wat(source));
const shared = Buffer.from(await wat(source.replace(OWN_MEMORY, SHARED_MEMORY)));

await writeFile(
  new URL('kernel.generated.ts', folder),
  `// Generated from kernel.wat by scripts/build-kernel.mjs; a test rebuilds it and compares.

/** The lower-case hex SHA-256 of the WAT that the kernel was built from. */
export const KERNEL_WAT_SHA256 = '${createHash('sha256').update(source).digest('hex')}';

/** The kernel as a WebAssembly module, in base64: ${bytes.length} bytes. */
export const KERNEL_BASE64 =
  '${bytes.toString('base64')}';

/** The kernel for a shared memory, likewise: ${shared.length} bytes. */
export const SHARED_KERNEL_BASE64 =
  '${shared.toString('base64')}';
`,
);

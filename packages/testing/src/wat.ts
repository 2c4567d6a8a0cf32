// WebAssembly text to bytes, so that tests and fixtures show the module they mean.
import wabt from 'wabt';

// Every proposal that both Node and wabt know; of `gc`, wabt knows plain structs and arrays.
const FEATURES = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  function_references: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
  relaxed_simd: true,
  gc: true,
};

/**
 * The binary form of a module in WebAssembly text. It is parsed, not validated: a test may want a module that is wrong.
 * @throws Error with wabt's message and the place in the text.
 */
export async function wat(source: string): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const module = parseWat('module.wat', source, FEATURES);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

// Fails with a text of its own.
import { Memory } from '@extism/as-pdk';
import { error_set } from '@extism/as-pdk/lib/env';

export function run_test(): i32 {
  error_set(Memory.allocateString('Some error message').offset);
  return 1;
}

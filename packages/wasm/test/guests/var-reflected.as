// Sets the variable `hi there` to its input and tells the host, by the very blocks it set the variable with: both must still be readable.
import { Host, Memory } from '@extism/as-pdk';
import { length, var_get, var_set } from '@extism/as-pdk/lib/env';

@external('extism:host/user', 'test')
declare function test(key: u64, value: u64): u64;

export function run_test(): i32 {
  const key = Memory.allocateString('hi there');
  const value = Memory.allocateBytes(Host.input());
  var_set(key.offset, value.offset);
  test(key.offset, value.offset);
  // What the host made of the variable.
  const now = var_get(Memory.allocateString('hi there').offset);
  if (now != 0) Host.outputMemory(new Memory(now, length(now)));
  return 0;
}

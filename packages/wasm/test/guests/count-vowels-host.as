// Counts vowels, hands `{"count": n}` to the host function `hello_world`, and answers with the block that it returns.
import { Host, Memory } from '@extism/as-pdk';
import { length } from '@extism/as-pdk/lib/env';

@external('extism:host/user', 'hello_world')
declare function hello_world(json: u64): u64;

export function count_vowels(): i32 {
  const text = Host.inputString();
  let count = 0;
  for (let i = 0; i < text.length; i++) if ('aeiouAEIOU'.includes(text.charAt(i))) count++;
  const block = hello_world(Memory.allocateString('{"count": ' + count.toString() + '}').offset);
  Host.outputMemory(new Memory(block, length(block)));
  return 0;
}

// Counts vowels, as the Extism project's own first example does: reads the configuration, keeps a total in a variable.
import { Config, Host, Var } from '@extism/as-pdk';

export function count_vowels(): i32 {
  const configured = Config.get('vowels');
  const vowels: string = configured === null ? 'aeiouAEIOU' : configured;
  const text = Host.inputString();
  let count: u64 = 0;
  for (let i = 0; i < text.length; i++) if (vowels.includes(text.charAt(i))) count++;

  const total = previousTotal() + count;
  Var.set('total', littleEndian(total));
  Host.outputString(
    '{"count":' + count.toString() + ',"total":' + total.toString() + ',"vowels":"' + vowels + '"}',
  );
  return 0;
}

function previousTotal(): u64 {
  const bytes = Var.get('total');
  return bytes === null ? 0 : load<u64>(bytes.dataStart);
}

function littleEndian(value: u64): Uint8Array {
  const bytes = new Uint8Array(8);
  store<u64>(bytes.dataStart, value);
  return bytes;
}

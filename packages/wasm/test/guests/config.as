// Answers with the configuration's value for the key that is its input, and with nothing at all when there is none.
import { Config, Host } from '@extism/as-pdk';

export function run_test(): i32 {
  const value = Config.get(Host.inputString());
  if (value !== null) Host.output(Uint8Array.wrap(String.UTF8.encode(value)));
  return 0;
}

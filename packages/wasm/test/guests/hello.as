// Says hello.
import { Host } from '@extism/as-pdk';

export function hello(): i32 {
  Host.outputString('Hello, world!');
  return 0;
}

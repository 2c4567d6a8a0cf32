// Counts its calls in the variable `a` and answers `a: <how many were before>`.
import { Host, Var } from '@extism/as-pdk';

export function run_test(): i32 {
  const kept = Var.getString('a');
  const count: i32 = kept === null ? 0 : i32.parse(kept) + 1;
  Var.set('a', Uint8Array.wrap(String.UTF8.encode(count.toString())));
  Host.outputString('a: ' + count.toString());
  return 0;
}

// Removes the variable again.
export function forget(): i32 {
  Var.remove('a');
  return 0;
}

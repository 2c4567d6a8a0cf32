// Logs a line at each of the five levels, and answers with the level that the host wants.
import { Host, LogLevel, Memory } from '@extism/as-pdk';

@external('extism:host/env', 'log_trace')
declare function log_trace(text: u64): void;
@external('extism:host/env', 'get_log_level')
declare function get_log_level(): i32;

export function run_test(): i32 {
  log_trace(Memory.allocateString('this is a trace log').offset);
  Host.log(LogLevel.Debug, 'this is a debug log');
  Host.log(LogLevel.Info, 'this is an info log');
  Host.log(LogLevel.Warn, 'this is a warning log');
  Host.log(LogLevel.Error, 'this is an erroring log');
  Host.outputString(get_log_level().toString());
  return 0;
}

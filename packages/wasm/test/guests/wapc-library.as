// A waPC guest in AssemblyScript as people write them, with the waPC project's own library.
import { consoleLog, handleAbort, handleCall, hostCall, register, Result } from '@wapc/as-guest';

register('hello', (payload: ArrayBuffer): Result<ArrayBuffer> => {
  consoleLog('hello called');
  const answer = hostCall('myBinding', 'sample', 'hello', String.UTF8.encode('Simon'));
  if (!answer.isOk) return Result.error<ArrayBuffer>(answer.error()!);
  return Result.ok(String.UTF8.encode('Hello, ' + String.UTF8.decode(answer.get()) + '!'));
});

register('echo', (payload: ArrayBuffer): Result<ArrayBuffer> => Result.ok(payload));

register('throw', (payload: ArrayBuffer): Result<ArrayBuffer> => {
  throw new Error(String.UTF8.decode(payload));
});

export function __guest_call(operationSize: usize, payloadSize: usize): bool {
  return handleCall(operationSize, payloadSize);
}

export function abort(message: string | null, fileName: string | null, line: u32, column: u32): void {
  handleAbort(message, fileName, line, column);
  unreachable();
}

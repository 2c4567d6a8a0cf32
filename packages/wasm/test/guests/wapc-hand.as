// A waPC guest in AssemblyScript without a library; its host answers "env.abort".
@external("wapc", "__guest_request")
declare function guestRequest(operation: usize, payload: usize): void;
@external("wapc", "__guest_response")
declare function guestResponse(at: usize, length: usize): void;
@external("wapc", "__guest_error")
declare function guestError(at: usize, length: usize): void;

let ready = '';

export function wapc_init(): void {
  ready = 'ready';
}

export function __guest_call(operationLength: i32, length: i32): bool {
  const operation = new ArrayBuffer(operationLength);
  const payload = new ArrayBuffer(length);
  guestRequest(changetype<usize>(operation), changetype<usize>(payload));
  const name = String.UTF8.decode(operation);
  if (name == 'throw') throw new Error(String.UTF8.decode(payload));
  if (name == 'fail_then_throw') {
    const text = String.UTF8.encode('its own error');
    guestError(changetype<usize>(text), text.byteLength);
    throw new Error('thrown');
  }
  if (name == 'trace') trace(String.UTF8.decode(payload), 2, 1.5, 2);
  if (name == 'random') {
    const numbers = new Float64Array(1);
    numbers[0] = Math.random();
    guestResponse(changetype<usize>(numbers.buffer), 8);
    return true;
  }
  const text = String.UTF8.encode(ready + ': ' + String.UTF8.decode(payload));
  guestResponse(changetype<usize>(text), text.byteLength);
  return true;
}

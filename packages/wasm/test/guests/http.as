// Sends the request that is its input, `{"url": …, "method": …, "headers": …}`, and answers with the response's body.
import { Host, Memory } from '@extism/as-pdk';
import { http_request, length } from '@extism/as-pdk/lib/env';

@external('extism:host/env', 'http_status_code')
declare function http_status_code(): i32;

export function http_get(): i32 {
  answer(http_request(request(), 0));
  return 0;
}

// The same with the request's own text as its body.
export function http_post(): i32 {
  answer(http_request(request(), request()));
  return 0;
}

// Answers with the status instead, before and after the request.
export function http_status(): i32 {
  const before = http_status_code();
  http_request(request(), 0);
  Host.outputString(before.toString() + ' ' + http_status_code().toString());
  return 0;
}

function request(): u64 {
  return Memory.allocateBytes(Host.input()).offset;
}

function answer(body: u64): void {
  // As the PDKs do: a body that the host could not give is a failure of the plugin.
  if (body == 0) unreachable();
  Host.outputMemory(new Memory(body, length(body)));
}

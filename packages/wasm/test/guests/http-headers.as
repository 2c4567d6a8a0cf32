// Sends the request that is its input and answers with the response's headers as the host tells them, or `none`.
import { Host, Memory } from '@extism/as-pdk';
import { http_request, length } from '@extism/as-pdk/lib/env';

@external('extism:host/env', 'http_headers')
declare function http_headers(): u64;

export function http_get(): i32 {
  http_request(Memory.allocateBytes(Host.input()).offset, 0);
  const headers = http_headers();
  if (headers == 0) Host.outputString('none');
  else Host.outputMemory(new Memory(headers, length(headers)));
  return 0;
}

// What the host does for the plugin, as functions over text.
import { textAt } from './buffers';

@external('apiqube', 'host_log')
declare function host_log(level: u32, text: usize, length: u32): void;

@external('apiqube', 'host_emit_event')
declare function host_emit_event(event: usize, length: u32): void;

@external('apiqube', 'host_http_request')
declare function host_http_request(request: usize, length: u32): u64;

/** The level of a line that tells of a failure. */
export const ERROR: u32 = 3;

/** Writes a line to the plugin's log. */
export function log(level: u32, text: string): void {
  const bytes = String.UTF8.encode(text);
  host_log(level, changetype<usize>(bytes), bytes.byteLength);
}

/** Tells the host of an event, a PluginEvent in JSON. */
export function emitEvent(event: string): void {
  const bytes = String.UTF8.encode(event);
  host_emit_event(changetype<usize>(bytes), bytes.byteLength);
}

/** Sends an HTTPRequest in JSON and waits for the HTTPResponse; empty when the host could not hand one over. */
export function sendRequest(request: string): string {
  const bytes = String.UTF8.encode(request);
  return textAt(host_http_request(changetype<usize>(bytes), bytes.byteLength));
}

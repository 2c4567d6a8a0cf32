// Bytes that travel between host and plugin. A packed value says where they are: (address << 32) | length; 0 says that there are none.

// Referenced from here, no buffer is collected while the host may look at it.
let kept: ArrayBuffer[] = [];

// Whether a function of this plugin is running, so that what the host allocates belongs to its call.
let running = false;

/** Reserves `size` bytes that the host fills in: a call's input, or an answer to what the plugin asked for during one. */
export function reserve(size: u32): u64 {
  // The host has copied the last call's output, so this is the next call's input.
  if (!running) release();
  if (size == 0) return 0;
  return keep(new ArrayBuffer(size));
}

/** Lets go of all buffers. */
export function release(): void {
  kept = [];
}

/** Begins a call. */
export function begin(): void {
  running = true;
}

/** Ends a call with what it answers. */
export function end(answer: string): u64 {
  running = false;
  return answer.length == 0 ? 0 : keep(String.UTF8.encode(answer));
}

/** The text that a packed value stands for. */
export function textAt(packed: u64): string {
  return String.UTF8.decodeUnsafe(<usize>(packed >> 32), <usize>(packed & 0xffffffff));
}

function keep(buffer: ArrayBuffer): u64 {
  kept.push(buffer);
  return ((<u64>changetype<usize>(buffer)) << 32) | (<u64>buffer.byteLength);
}

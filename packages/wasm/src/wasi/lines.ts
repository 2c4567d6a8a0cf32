// Captured output by line: bytes go in as the guest writes them, whole lines come out.

const NEWLINE = 0x0a;

// A guest may cut a character with a write, and we cut lines anywhere: a broken one is no reason to lose the line.
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Gathers bytes into lines of at most `maxBytes`; of a longer one, the rest is dropped. */
export class Lines {
  readonly #emit: (text: string) => void;
  readonly #maxBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #started = false;

  /** `emit` gets each line without its newline. */
  constructor(maxBytes: number, emit: (text: string) => void) {
    this.#maxBytes = maxBytes;
    this.#emit = emit;
  }

  /** Takes bytes; they are copied where they must be kept. */
  write(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#take(bytes.subarray(start, end), false);
      this.#end();
      start = end + 1;
    }
    if (start < bytes.length) this.#take(bytes.subarray(start), true);
  }

  /** Lets go of a line that has no newline yet. */
  flush(): void {
    if (this.#started) this.#end();
  }

  #take(bytes: Uint8Array, keep: boolean): void {
    this.#started = true;
    const part = bytes.subarray(0, this.#maxBytes - this.#pendingBytes);
    if (part.length === 0) return;
    this.#pending.push(keep ? part.slice() : part);
    this.#pendingBytes += part.length;
  }

  #end(): void {
    const [first] = this.#pending;
    const line = this.#pending.length === 1 && first !== undefined ? first : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#started = false;
    this.#emit(lenient.decode(line));
  }
}

// A plugin's variables, as the SDK limits them: by their values alone, and with an error of the plugin's instead of a trap.
import { Variables } from '../../variables.ts';

/** Variables of at most so many bytes. */
export class LimitedVariables extends Variables {
  readonly #maxBytes: number;
  readonly #refused: (message: string) => void;
  #bytes = 0;

  /** `refused` is told of a value that has no room, which is not set then. */
  constructor(maxBytes: number, refused: (message: string) => void) {
    super(Number.POSITIVE_INFINITY);
    this.#maxBytes = maxBytes;
    this.#refused = refused;
  }

  override set(name: string, nameBytes: number, source: Uint8Array, start: number, length: number): void {
    const bytes = this.#bytes - (this.get(name)?.length ?? 0) + length;
    if (bytes > this.#maxBytes) {
      this.#refused(`var memory limit exceeded: ${bytes} bytes requested, ${this.#maxBytes} allowed`);
      return;
    }
    super.set(name, nameBytes, source, start, length);
    this.#bytes = bytes;
  }

  override adopt(name: string, value: Uint8Array | undefined): void {
    super.adopt(name, value);
    this.#bytes += value?.length ?? 0;
  }

  override delete(name: string, nameBytes: number): void {
    this.#bytes -= this.get(name)?.length ?? 0;
    super.delete(name, nameBytes);
  }
}

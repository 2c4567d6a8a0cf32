// What a call answered, and what host functions read: a view of bytes that cannot be written through.

/** A `DataView` of exactly the answer's bytes, for reading. */
export class PluginOutput extends DataView<ArrayBuffer> {
  #bytes: Uint8Array | undefined;

  /** @internal */
  constructor(buffer: ArrayBuffer) {
    super(buffer);
  }

  /** The bytes as JSON. @throws SyntaxError when they are not. */
  // biome-ignore lint/suspicious/noExplicitAny: code that was written for the SDK takes what it wants from it.
  json(): any {
    return JSON.parse(this.text());
  }

  /** The bytes, as the buffer they are in. */
  arrayBuffer(): ArrayBuffer {
    return this.buffer;
  }

  /** The bytes as UTF-8; what is not becomes U+FFFD. */
  text(): string {
    return decoder.decode(this.bytes());
  }

  /** As {@link text}. */
  string(): string {
    return this.text();
  }

  /** The bytes. */
  bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(this.buffer);
    return this.#bytes;
  }

  override setInt8(_byteOffset: number, _value: number): void {
    throw readOnly();
  }

  override setInt16(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setInt32(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setUint8(_byteOffset: number, _value: number): void {
    throw readOnly();
  }

  override setUint16(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setUint32(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  /** As the others; newer engines have it. */
  override setFloat16(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setFloat32(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setFloat64(_byteOffset: number, _value: number, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setBigInt64(_byteOffset: number, _value: bigint, _littleEndian?: boolean): void {
    throw readOnly();
  }

  override setBigUint64(_byteOffset: number, _value: bigint, _littleEndian?: boolean): void {
    throw readOnly();
  }
}

const decoder = new TextDecoder();

/** An output of these bytes, which nobody else may have. */
export function outputOf(bytes: Uint8Array): PluginOutput {
  const { buffer } = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  // No memory of ours is shared between threads.
  return new PluginOutput(buffer as ArrayBuffer);
}

function readOnly(): Error {
  return new Error('Cannot set values on output');
}

// The standard streams: input from bytes, output to lines, to this process's own stream, or nowhere.
import { writeSync } from 'node:fs';
import type { Rights } from './descriptor.ts';
import { errnoName, refuse } from './errno.ts';
import type { OutputName, WasiHost } from './host.ts';
import { Lines } from './lines.ts';
import type { WasiPlan } from './plan.ts';
import { FILETYPE, INPUT_RIGHTS, OUTPUT_RIGHTS } from './values.ts';

// What a log store takes without cutting it itself.
const LINE_BYTES = 8 * 1024;

// For as long as the reader of this process's own output must be waited for, in milliseconds.
const WAIT_MS = 1;

/** A standard stream; it has no place to seek to. */
export class Stream {
  readonly kind = 'stream';
  /**
   * Output looks like a terminal, so that a C library writes at every newline and not at an end that a plugin's instance never
   * comes to. Input does not, so that an interpreter does not begin a conversation.
   */
  readonly filetype: number;
  rights: Rights;
  flags = 0;
  /** Bytes that can be read at once; 0 at the end. */
  readonly available: () => number;
  /** Fills buffers and answers how many bytes. */
  readonly read: (buffers: readonly Uint8Array[]) => number;
  /** Takes all bytes. */
  readonly write: (buffers: readonly Uint8Array[]) => void;
  /** Lets go of what has no newline yet. */
  readonly flush: () => void;

  private constructor(base: bigint, does: Pick<Partial<Stream>, 'available' | 'read' | 'write' | 'flush'>) {
    this.rights = { base, inheriting: 0n };
    this.filetype = base === INPUT_RIGHTS ? FILETYPE.unknown : FILETYPE.characterDevice;
    this.available = does.available ?? (() => 0);
    this.read = does.read ?? (() => refuse('EBADF'));
    this.write = does.write ?? (() => refuse('EBADF'));
    this.flush = does.flush ?? (() => undefined);
  }

  /** Standard input over `bytes`. */
  static input(bytes: Uint8Array): Stream {
    let rest = bytes;
    const read = (buffers: readonly Uint8Array[]): number => {
      let total = 0;
      for (const buffer of buffers) {
        const part = rest.subarray(0, buffer.length);
        buffer.set(part);
        rest = rest.subarray(part.length);
        total += part.length;
      }
      return total;
    };
    return new Stream(INPUT_RIGHTS, { available: () => rest.length, read });
  }

  /** Standard output or standard error. */
  static output(name: OutputName, to: WasiPlan['stdout'], host: WasiHost): Stream {
    if (to === 'drop') return new Stream(OUTPUT_RIGHTS, { write: () => undefined });
    if (to === 'inherit') {
      const fd = name === 'stdout' ? 1 : 2;
      return new Stream(OUTPUT_RIGHTS, {
        write: (buffers) => {
          for (const bytes of buffers) writeAll(fd, bytes);
        },
      });
    }
    const lines = new Lines(host.lineBytes ?? LINE_BYTES, (text) => host.line(name, text));
    return new Stream(OUTPUT_RIGHTS, {
      write: (buffers) => {
        for (const bytes of buffers) lines.write(bytes);
      },
      flush: () => lines.flush(),
    });
  }

  close(): void {
    this.flush();
  }
}

// A pipe that Node has set to be non-blocking says EAGAIN when it is full; guests know no such thing of a standard stream.
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (thrown) {
      if (errnoName(thrown) !== 'EAGAIN') throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

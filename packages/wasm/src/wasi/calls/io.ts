// Reading and writing: fd_read, fd_pread, fd_write, fd_pwrite, fd_seek, fd_tell.
import { refuse } from '../errno.ts';
import type { Layouts } from '../layouts.ts';
import type { WasiCall, WasiState } from '../state.ts';
import { RIGHTS } from '../values.ts';

/** The functions over a descriptor's bytes. */
export function ioCalls({ memory, descriptors }: WasiState, layouts: Layouts): Record<string, WasiCall> {
  return {
    fd_read: (fd: number, iovecs: number, count: number, result: number) => {
      const at = memory.at(result, 4);
      const buffers = memory.buffers(iovecs, count);
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === 'directory') return refuse('EISDIR');
      descriptors.get(fd, RIGHTS.fdRead);
      memory.setU32(at, descriptor.read(buffers));
    },
    fd_pread: (fd: number, iovecs: number, count: number, offset: bigint, result: number) => {
      const at = memory.at(result, 4);
      const buffers = memory.buffers(iovecs, count);
      const file = descriptors.file(fd, RIGHTS.fdRead | RIGHTS.fdSeek);
      memory.setU32(at, file.readAt(buffers, unsigned(offset)));
    },
    fd_write: (fd: number, iovecs: number, count: number, result: number) => {
      const at = memory.at(result, 4);
      const buffers = memory.buffers(iovecs, count);
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === 'directory') return refuse('EISDIR');
      descriptors.get(fd, RIGHTS.fdWrite);
      if (descriptor.kind === 'file') return memory.setU32(at, descriptor.write(buffers));
      descriptor.write(buffers);
      memory.setU32(
        at,
        buffers.reduce((total, { length }) => total + length, 0),
      );
    },
    fd_pwrite: (fd: number, iovecs: number, count: number, offset: bigint, result: number) => {
      const at = memory.at(result, 4);
      const buffers = memory.buffers(iovecs, count);
      const file = descriptors.file(fd, RIGHTS.fdWrite | RIGHTS.fdSeek);
      memory.setU32(at, file.writeAt(buffers, unsigned(offset)));
    },
    fd_seek: (fd: number, delta: bigint, whence: number, result: number) => {
      const at = memory.at(result, 8);
      const from = layouts.whence[whence] ?? refuse('EINVAL');
      // Asking where one is takes less than going elsewhere.
      const asks = from === 'offset' && delta === 0n;
      const file = descriptors.file(fd, 0n);
      const allowed = RIGHTS.fdSeek | (asks ? RIGHTS.fdTell : 0n);
      if ((file.rights.base & allowed) === 0n) refuse('ENOTCAPABLE');
      memory.setU64(at, BigInt(file.seek(from, delta)));
    },
    fd_tell: (fd: number, result: number) => {
      const at = memory.at(result, 8);
      const file = descriptors.file(fd, 0n);
      // The right to seek includes it.
      if ((file.rights.base & (RIGHTS.fdSeek | RIGHTS.fdTell)) === 0n) refuse('ENOTCAPABLE');
      memory.setU64(at, BigInt(file.offset));
    },
  };
}

// Offsets above 2^53 lose their last digits here; they are beyond every file, and refused as such.
function unsigned(offset: bigint): number {
  return Number(BigInt.asUintN(64, offset));
}

// What a descriptor is and may do: its flags, rights, attributes, name and number.
import type { Descriptor } from '../descriptor.ts';
import { refuse } from '../errno.ts';
import { attributesOf, STREAM_ATTRIBUTES, timesFor } from '../files/attributes.ts';
import { FDSTAT_SIZE, type Layouts, PRESTAT_SIZE, writeFdstat, writePrestat } from '../layouts.ts';
import type { WasiCall, WasiState } from '../state.ts';
import { ADVICE_MAX, ALL_FDFLAGS, CLOCKID, RIGHTS } from '../values.ts';

/** The functions over a descriptor itself. */
export function descriptorCalls(
  { memory, descriptors, clocks }: WasiState,
  layouts: Layouts,
): Record<string, WasiCall> {
  const preopened = (fd: number): Uint8Array => {
    const descriptor = descriptors.get(fd);
    // A guest looks for its directories until it reads this, so a file in between must not say anything else.
    return (descriptor.kind === 'directory' ? descriptor.preopened : undefined) ?? refuse('EBADF');
  };
  return {
    fd_advise: (fd: number, _offset: bigint, _length: bigint, advice: number) => {
      descriptors.file(fd, RIGHTS.fdAdvise);
      if (advice >>> 0 > ADVICE_MAX) refuse('EINVAL');
    },
    // Makes the file as long as that; Node has no way to reserve what it will take on the disk.
    fd_allocate: (fd: number, offset: bigint, length: bigint) => {
      const file = descriptors.file(fd, 0n);
      if (file.readOnly) refuse('EROFS');
      descriptors.get(fd, RIGHTS.fdAllocate);
      const [start, size] = [BigInt.asUintN(64, offset), BigInt.asUintN(64, length)];
      if (size === 0n) refuse('EINVAL');
      if (start + size > file.stat().size) file.resize(start + size);
    },
    fd_close: (fd: number) => descriptors.close(fd),
    fd_datasync: (fd: number) => sync(descriptors.get(fd, RIGHTS.fdDatasync), true),
    fd_fdstat_get: (fd: number, result: number) => {
      const view = memory.view(result, FDSTAT_SIZE);
      const descriptor = descriptors.get(fd);
      writeFdstat(view, descriptor.filetype, descriptor.flags, descriptor.rights);
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      const descriptor = descriptors.get(fd, RIGHTS.fdFdstatSetFlags);
      if ((flags & ~ALL_FDFLAGS) !== 0) refuse('EINVAL');
      if (descriptor.kind === 'file') descriptor.setFlags(flags);
      else descriptor.flags = flags;
    },
    fd_fdstat_set_rights: (fd: number, base: bigint, inheriting: bigint) => {
      const descriptor = descriptors.get(fd);
      const wanted = { base: BigInt.asUintN(64, base), inheriting: BigInt.asUintN(64, inheriting) };
      const { rights } = descriptor;
      if ((wanted.base & ~rights.base) !== 0n || (wanted.inheriting & ~rights.inheriting) !== 0n) {
        refuse('ENOTCAPABLE');
      }
      descriptor.rights = wanted;
    },
    fd_filestat_get: (fd: number, result: number) => {
      const view = memory.view(result, layouts.filestatSize);
      const descriptor = descriptors.get(fd, RIGHTS.fdFilestatGet);
      layouts.writeFilestat(view, attributes(descriptor));
    },
    fd_filestat_set_size: (fd: number, size: bigint) => {
      const file = descriptors.file(fd, 0n);
      if (file.readOnly) refuse('EROFS');
      descriptors.get(fd, RIGHTS.fdFilestatSetSize);
      file.resize(BigInt.asUintN(64, size));
    },
    fd_filestat_set_times: (fd: number, atim: bigint, mtim: bigint, flags: number) => {
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === 'stream') return refuse('ESPIPE');
      if (descriptor.readOnly) refuse('EROFS');
      descriptors.get(fd, RIGHTS.fdFilestatSetTimes);
      const now = (): bigint => clocks.time(CLOCKID.realtime);
      const stat = descriptor.kind === 'file' ? descriptor.stat() : descriptor.host.stat();
      descriptor.setTimes(timesFor({ atim, mtim, flags, now }, stat));
    },
    fd_prestat_get: (fd: number, result: number) => {
      const view = memory.view(result, PRESTAT_SIZE);
      writePrestat(view, preopened(fd).length);
    },
    fd_prestat_dir_name: (fd: number, buffer: number, length: number) => {
      const bytes = memory.bytes(buffer, length);
      const name = preopened(fd);
      if (bytes.length < name.length) refuse('ENAMETOOLONG');
      bytes.set(name);
    },
    fd_renumber: (from: number, to: number) => descriptors.renumber(from, to),
    fd_sync: (fd: number) => sync(descriptors.get(fd, RIGHTS.fdSync), false),
  };
}

function attributes(descriptor: Descriptor): ReturnType<typeof attributesOf> {
  if (descriptor.kind === 'stream') return { ...STREAM_ATTRIBUTES, filetype: descriptor.filetype };
  return attributesOf(descriptor.kind === 'file' ? descriptor.stat() : descriptor.host.stat());
}

function sync(descriptor: Descriptor, dataOnly: boolean): void {
  if (descriptor.kind === 'file' && dataOnly) descriptor.syncData();
  else if (descriptor.kind !== 'stream') descriptor.sync();
}

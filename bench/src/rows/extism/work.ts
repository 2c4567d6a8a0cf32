// What all sides of a row do alike: call a guest and get the right answer.
import type { Contender } from '../../row.ts';

/** A call that every side makes. */
export interface Work {
  /** The guest's path below `guests/`, without its `.c`. */
  readonly guest: string;
  readonly run: string;
  /** A whole buffer, because the older peer takes the whole buffer of any view. */
  readonly input: Uint8Array<ArrayBuffer>;
  /** What the first call of a plugin answers. */
  readonly answer: Uint8Array;
  /** How `extism:host/user` `pass` is provided: not at all, as a function, or as one that returns a promise. */
  readonly pass?: 'sync' | 'async';
}

/** A plugin that is open on one side. */
export interface Opened {
  /** Does the work once; what it answers is read only by `bytes`. */
  call(): unknown;
  /** The bytes of what `call` answered. */
  bytes(answer: unknown): Uint8Array;
  close(): Promise<void>;
}

/** One way to run plugins. */
export interface Side {
  /** Prepares to open a plugin of these bytes many times. */
  load(bytes: Uint8Array<ArrayBuffer>, work: Work): Promise<() => Promise<Opened>>;
  /** Opens a plugin of bytes that may never have been seen. */
  open(bytes: Uint8Array<ArrayBuffer>, work: Work): Promise<Opened>;
}

/** @throws Error when the first call of `opened` does not answer what `work` says. */
export async function check(opened: Opened, work: Work): Promise<void> {
  const bytes = opened.bytes(await opened.call());
  if (Buffer.compare(bytes, work.answer) === 0) return;
  throw new Error(`${work.guest} answered ${bytes.length} bytes that are not the expected ones`);
}

/** Calls an open plugin, and awaits each answer or takes it at once. */
export async function calling(
  opened: Opened,
  work: Work,
  answers: 'sync' | 'awaited' = 'awaited',
): Promise<Contender> {
  await check(opened, work);
  const close = (): Promise<void> => opened.close();
  if (answers === 'sync') {
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) opened.call();
      },
      close,
    };
  }
  return {
    async run(runs) {
      for (let i = 0; i < runs; i++) await opened.call();
    },
    close,
  };
}

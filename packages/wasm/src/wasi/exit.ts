// How a guest that called proc_exit is left: a private signal that unwinds it, which only the engine catches.

/** What leaves a guest after `proc_exit`. Not an Error: nothing went wrong, and a stack would cost more than the exit. */
export class Exit {
  /** What the guest gave as its exit code, an unsigned 32-bit number. */
  readonly code: number;

  constructor(code: number) {
    this.code = code;
  }
}

/** Whether what came out of a guest is its exit and no error. */
export function isExit(thrown: unknown): thrown is Exit {
  return thrown instanceof Exit;
}

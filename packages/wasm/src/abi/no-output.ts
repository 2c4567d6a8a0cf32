// What a call answers whose plugin gave no output.

/** The output of a call that gave none, which is not the same as an empty one: this very array. */
export const NO_OUTPUT: Uint8Array = new Uint8Array(0);

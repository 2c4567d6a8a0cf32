// What belongs to one call: it travels as the call's context, so that calls that wait for each other never mix.

/** One call, or the start of an instance. */
export interface Frame {
  /** What host functions get for `hostContext()`. */
  readonly hostContext: unknown;
  /** The first thing that the app's own code threw at the plugin. */
  thrown: { readonly value: unknown } | undefined;
  /** What was said of a block that there was no room for. */
  refused: string | undefined;
  /** The text of the error that the plugin set. */
  reported: string | undefined;
}

/** A call that has not begun. */
export function newFrame(hostContext: unknown): Frame {
  return { hostContext, thrown: undefined, refused: undefined, reported: undefined };
}

/** Remembers what the app's own code threw, the first time, and returns it. */
export function thrownIn(frame: Frame, value: unknown): unknown {
  frame.thrown ??= { value };
  return value;
}

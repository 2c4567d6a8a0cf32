// What belongs to one call: it travels as the call's context, so that calls that wait for each other never mix.

/** One call, or the start of an instance. */
export interface Frame {
  /** What host functions get for `hostContext()`. */
  readonly hostContext: unknown;
  /** The first thing that the app's own code threw at the plugin. */
  thrown: { readonly value: unknown } | undefined;
}

/** A call that has not begun. */
export function newFrame(hostContext: unknown): Frame {
  return { hostContext, thrown: undefined };
}

/** The start of an instance, during which there is no context of a call. */
export function startFrame(): Frame {
  return newFrame(null);
}

/** Remembers what the app's own code threw, the first time, and returns it. */
export function thrownIn(frame: Frame, value: unknown): unknown {
  frame.thrown ??= { value };
  return value;
}

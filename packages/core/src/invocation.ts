// An invocation: what ties a call to the calls it causes. Opaque to runtimes, which only pass it on.

/** A W3C trace context, as its two headers carry it. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** The identity of one call and its place below the call that caused it. */
export interface Invocation {
  /** An xid, unique to this call. */
  readonly id: string;
  /** The id of the call that caused this one. */
  readonly parent?: string;
  /** 0 for a call that the app made. */
  readonly depth: number;
  /** Epoch milliseconds after which nobody waits for the answer. */
  readonly deadline?: number;
  /** Calls of one key share their turn in a queue. */
  readonly fairness?: string;
  readonly trace?: TraceContext;
}

/** An invocation of the app's own, with nothing above it. */
export function rootInvocation(id: string): Invocation {
  return { id, depth: 0 };
}

// The shape of a client, typed by what the app says its extension points are.

/** An app's own description of its extension points: `{ Checkout: { discount(cart: Cart): Discount } }`. */
export type PointTypes = object;

/** How one call shall be made. */
export interface CallPointOptions {
  /** Which of the guest's plugins; the one bound last when absent. */
  readonly bindingName?: string | undefined;
  /** Any value; host functions of this call see the very same one. */
  readonly hostContext?: unknown;
  /** Ends the call early with `canceled`. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls one export of a guest's plugin. Without a plugin the answer is the `default`, or null. */
export interface PointFunction<I, O> {
  <D>(guestKey: string, input: I, options: CallPointOptions & { readonly default: D }): Promise<O | D>;
  (guestKey: string, input?: I, options?: CallPointOptions): Promise<O | null>;
}

/** One function per extension point and export. */
export type PointFunctions<P extends PointTypes> = {
  readonly [E in keyof P]: {
    readonly [F in keyof P[E]]: P[E][F] extends (...args: infer A) => infer O
      ? PointFunction<A[0], Awaited<O>>
      : never;
  };
};

/** Extension points of which nothing is known to the compiler. */
export type UntypedPoints = Record<string, Record<string, (input: unknown) => unknown>>;

// A protocol plugin as its host sees it: a wasm module behind the ApiQube ABI, or an object in this process.
import type { CallOptions } from '@plugbay/core';
import type { EventSink } from './event-sink.ts';
import type { PluginInfo } from './plugin-info.ts';
import type { FieldError, TestInput, TestOutput } from './wire/test-io.ts';

/** When a call ends early. */
export type CallBounds = Pick<CallOptions, 'signal' | 'timeoutMs'>;

/** What one execution is given beside its test. */
export interface ExecuteOptions extends CallBounds {
  /** Gets the events of this execution. @default they are dropped */
  readonly emit?: EventSink | undefined;
}

/** How a plugin, or all of a registry, is closed. */
export interface CloseOptions {
  /** Milliseconds that running calls have to finish; `Infinity` for as long as they take. @default 0 */
  readonly drainMs?: number | undefined;
}

/** A plugin that executes tests of its protocols. */
export interface Plugin {
  /** What it says about itself, which does not change. */
  info(): PluginInfo;
  /** Gives it its configuration; values that JSON has, or nothing. */
  init(config?: Readonly<Record<string, unknown>>, bounds?: CallBounds): Promise<void>;
  /** What is wrong with a test; nothing for one that is right. Never fails: what stops it is a problem of the field "". */
  validate(input: TestInput, bounds?: CallBounds): Promise<readonly FieldError[]>;
  /** Executes a test. What the plugin itself calls a failure is the output's `error`; all else is thrown. */
  execute(input: TestInput, options?: ExecuteOptions): Promise<TestOutput>;
  /** Ends it. May be called again. */
  close(options?: CloseOptions): Promise<void>;
}

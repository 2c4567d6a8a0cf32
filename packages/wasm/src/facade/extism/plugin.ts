// A plugin with the SDK's methods, wherever it runs.
import { NO_OUTPUT } from '../../abi/no-output.ts';
import { callError, sdkError } from './errors.ts';
import { newFrame } from './frame.ts';
import type { Opened } from './opened.ts';
import { outputOf, type PluginOutput } from './output.ts';
import type { ModuleExport, ModuleImport, Plugin } from './types.ts';

type Input = string | number | Uint8Array | ArrayBuffer | null | undefined;

/** A plugin that is open. */
export class ExtismPlugin implements Plugin {
  readonly #opened: Opened;
  readonly #timeoutMs: number | undefined;
  readonly #kinds: ReadonlyMap<string, ModuleExport['kind']>;
  #active = 0;

  constructor(opened: Opened, timeoutMs: number | undefined) {
    this.#opened = opened;
    this.#timeoutMs = timeoutMs;
    this.#kinds = new Map(opened.compiled.main.shape.exports.map(({ name, kind }) => [name, kind]));
  }

  async functionExists(funcName: string): Promise<boolean> {
    return this.#kinds.get(funcName) === 'function';
  }

  async call<T>(funcName: string, input?: Input, hostContext?: T): Promise<PluginOutput | null> {
    this.#requireFunction(funcName);
    const frame = newFrame(hostContext);
    const options = { context: frame, timeoutMs: this.#timeoutMs };
    const given = inputOf(input);
    this.#active += 1;
    try {
      const answer = this.#opened.call(funcName, given, options);
      // Nobody else has a turn where there is nothing to wait for.
      const { bytes } = answer instanceof Promise ? await answer : answer;
      return bytes === NO_OUTPUT ? null : outputOf(bytes);
    } catch (error) {
      throw callError(error, frame);
    } finally {
      this.#active -= 1;
      this.#opened.session.leave(frame);
    }
  }

  async getExports(): Promise<ModuleExport[]> {
    return this.#opened.compiled.main.shape.exports.map(({ name, kind }) => ({ name, kind }));
  }

  async getImports(): Promise<ModuleImport[]> {
    return this.#opened.compiled.main.shape.imports.map(({ module, name, kind }) => ({ module, name, kind }));
  }

  async getInstance(): Promise<WebAssembly.Instance> {
    const all = this.#opened.exports();
    // Without what the module got when it was rewritten, and without a prototype, as an instance's own.
    const exports: Record<string, unknown> = Object.create(null);
    for (const name of this.#kinds.keys()) exports[name] = all[name];
    return Object.create(WebAssembly.Instance.prototype, {
      exports: { value: Object.freeze(exports), enumerable: true },
    }) as WebAssembly.Instance;
  }

  isActive(): boolean {
    return this.#active > 0;
  }

  async reset(): Promise<boolean> {
    if (this.#active > 0) return false;
    this.#opened.session.forget();
    return true;
  }

  async close(): Promise<void> {
    await this.#opened.close();
  }

  #requireFunction(name: string): void {
    const kind = this.#kinds.get(name);
    if (kind === 'function') return;
    throw kind === undefined
      ? sdkError('not_found', `Plugin error: function "${name}" does not exist`)
      : sdkError('invalid', `Plugin error: export "${name}" is not a function`);
  }
}

function inputOf(input: Input): Uint8Array | string | undefined {
  if (typeof input === 'string' || input instanceof Uint8Array) return input;
  if (input === undefined || input === null) return undefined;
  if (typeof input === 'number') return String(input);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw new TypeError('the input of a plugin must be a string or bytes');
}

// Variables that several sides keep a copy of: each remembers what the others have not heard of yet.
import { Variables } from '../../abi/variables.ts';
import { decodeChanges, encodeChanges, type VariableChange } from './variable-changes.ts';

/** The names of the variables that changed since one other side was told. */
export type Unheard = Set<string>;

/** Variables within the budget of `inner`, which keeps the values. */
export class SharedVariables extends Variables {
  readonly #inner: Variables;
  readonly #others = new Set<Unheard>();

  constructor(inner: Variables) {
    super(0);
    this.#inner = inner;
  }

  /** Begins to remember what another side, which has all values now, has not heard of. */
  follow(): Unheard {
    const unheard: Unheard = new Set();
    this.#others.add(unheard);
    return unheard;
  }

  /** Forgets about another side. */
  unfollow(unheard: Unheard): void {
    this.#others.delete(unheard);
  }

  override get(name: string): Uint8Array | undefined {
    return this.#inner.get(name);
  }

  override set(name: string, nameBytes: number, source: Uint8Array, start: number, length: number): void {
    this.#inner.set(name, nameBytes, source, start, length);
    this.#changed(name);
  }

  override delete(name: string, nameBytes: number): void {
    this.#inner.delete(name, nameBytes);
    this.#changed(name);
  }

  override entries(): Iterable<VariableChange> {
    return this.#inner.entries();
  }

  /** All values, for a side that has none. */
  all(): Uint8Array {
    return encodeChanges([...this.#inner.entries()]);
  }

  /** What another side has not heard of, which it has then. */
  tell(unheard: Unheard): Uint8Array {
    if (unheard.size === 0) return NOTHING;
    const changes = [...unheard].map((name): VariableChange => [name, this.#inner.get(name)]);
    unheard.clear();
    return encodeChanges(changes);
  }

  /** Takes over what another side has changed. Its own budget held there; all sides together can go over it by what they did at once. */
  hear(changes: Uint8Array, from?: Unheard): void {
    for (const [name, value] of decodeChanges(changes)) {
      this.#inner.adopt(name, value);
      for (const unheard of this.#others) if (unheard !== from) unheard.add(name);
    }
  }

  #changed(name: string): void {
    for (const unheard of this.#others) unheard.add(name);
  }
}

const NOTHING = new Uint8Array(0);

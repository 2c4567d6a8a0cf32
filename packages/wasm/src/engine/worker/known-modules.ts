// The compiled modules that a thread has been told of: each is sent once, and not again with every plugin that is opened from it.
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { CompiledModule } from '../../module/compile.ts';
import type { Order, PluginModules } from './messages.ts';

// Modules that a thread keeps although it may have no plugin of them any more. The host keeps more.
const KEPT = 32;

/** What one thread knows, by the numbers that both sides use. */
export class KnownModules {
  // In order of use, the oldest first.
  readonly #numbers = new Map<CompiledModule, number>();
  readonly #tell: (order: Order) => void;
  #last = 0;

  constructor(tell: (order: Order) => void) {
    this.#tell = tell;
  }

  /** The modules of a plugin, of which the thread is told what it does not know yet. */
  of({ main, links }: CompiledPlugin): PluginModules {
    return {
      main: this.#numberOf(main),
      links: new Map([...links].map(([name, module]) => [name, this.#numberOf(module)])),
    };
  }

  /** Lets the thread forget the oldest of too many; what it has been told of plugins holds. */
  trim(): void {
    for (const [module, number] of this.#numbers) {
      if (this.#numbers.size <= KEPT) return;
      this.#numbers.delete(module);
      this.#tell({ type: 'forget', module: number });
    }
  }

  #numberOf(module: CompiledModule): number {
    let number = this.#numbers.get(module);
    if (number === undefined) {
      this.#last += 1;
      number = this.#last;
      this.#tell({ type: 'module', number, module });
    }
    // Set anew in any case, which makes it the youngest.
    this.#numbers.delete(module);
    this.#numbers.set(module, number);
    return number;
  }
}

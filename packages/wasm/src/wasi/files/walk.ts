// Path resolution that cannot leave a directory: one component at a time, each from the directory that is held open.
import { type BigIntStats, readlinkSync } from 'node:fs';
import { errnoName, refuse, unless } from '../errno.ts';
import { PATH_MAX_BYTES } from '../guest-memory.ts';
import type { HostDirectory } from './host-directory.ts';

// As Linux has it.
const LINKS_MAX = 40;

// Directories held open at the same time; trees of real programs are a quarter as deep.
const DEPTH_MAX = 128;

/**
 * A way from a directory to the last component of a path, which it does not touch. Links in the middle are read and walked like
 * any path; `..` leads back to the directory one came from. What would lead out, an absolute path among it, is `ENOTCAPABLE`.
 */
export class Walk {
  readonly #root: HostDirectory;
  readonly #held: HostDirectory[] = [];
  // What is still to be walked, the next part last.
  readonly #parts: string[] = [];
  #links = 0;
  #name = '.';
  #wantsDirectory = false;

  private constructor(root: HostDirectory) {
    this.#root = root;
  }

  /**
   * Walks and lets `act` use where it led to, while that is held.
   * @throws Refusal `ENOTCAPABLE`, `ELOOP`, `ENAMETOOLONG` (too deep), and what the system says of a component.
   */
  static to<T>(root: HostDirectory, path: string, act: (walk: Walk) => T): T {
    const walk = new Walk(root);
    try {
      walk.#enter(path);
      walk.#advance();
      return act(walk);
    } finally {
      for (const directory of walk.#held) directory.close();
    }
  }

  /** The directory that has the last component; owned by the walk. */
  get directory(): HostDirectory {
    return this.#held.at(-1) ?? this.#root;
  }

  /** The last component: a name, or `.` for the directory itself. Never `..`, never with a slash. */
  get name(): string {
    return this.#name;
  }

  /** Whether the path ended in a slash: what it names must be a directory. */
  get wantsDirectory(): boolean {
    return this.#wantsDirectory;
  }

  /** How many directories below the start {@link Walk.directory} is. */
  get depth(): number {
    return this.#held.length;
  }

  /** The path of the last component, for one use at once that follows no link. */
  path(): Buffer {
    return this.directory.at(this.#name);
  }

  /**
   * The attributes of what the path names; undefined when nothing has the last component's name. A link there is followed when
   * `follow` says so or the path ended in a slash.
   * @throws Refusal `ENOTDIR` when the path ended in a slash and names none.
   */
  stat(follow: boolean): BigIntStats | undefined {
    for (;;) {
      const stat = this.directory.lstat(this.#name);
      if (stat?.isSymbolicLink() && (follow || this.#wantsDirectory)) {
        this.#follow(this.#name);
        this.#advance();
        continue;
      }
      if (this.#wantsDirectory && stat?.isDirectory() === false) refuse('ENOTDIR');
      return stat;
    }
  }

  /** As {@link Walk.stat}. @throws Refusal `ENOENT` when there is nothing. */
  found(follow: boolean): BigIntStats {
    return this.stat(follow) ?? refuse('ENOENT');
  }

  #advance(): void {
    for (;;) {
      const part = this.#parts.pop() ?? '.';
      const last = this.#parts.length === 0;
      if (part === '..') this.#leave();
      if (last) {
        this.#name = part === '..' ? '.' : part;
        return;
      }
      if (part !== '..' && part !== '.') this.#descend(part);
    }
  }

  #leave(): void {
    const directory = this.#held.pop() ?? refuse('ENOTCAPABLE');
    directory.close();
  }

  #descend(name: string): void {
    if (this.#held.length === DEPTH_MAX) refuse('ENAMETOOLONG');
    try {
      this.#held.push(this.directory.child(name));
    } catch (thrown) {
      const error = errnoName(thrown);
      // What the system says of a link that must not be followed.
      if (error !== 'ELOOP' && error !== 'ENOTDIR') throw thrown;
      if (!this.#follow(name)) refuse('ENOTDIR');
    }
  }

  // Puts what a link says in front of what is still to be walked; false when it is no link any more.
  #follow(name: string): boolean {
    this.#links += 1;
    if (this.#links > LINKS_MAX) refuse('ELOOP');
    const text = unless(['EINVAL'], () => readlinkSync(this.directory.at(name), 'buffer'));
    this.#enter(text === undefined ? name : text.toString('latin1'));
    return text !== undefined;
  }

  #enter(path: string): void {
    if (path.startsWith('/')) refuse('ENOTCAPABLE');
    const parts = path.split('/');
    if (this.#parts.length + parts.length > PATH_MAX_BYTES) refuse('ENAMETOOLONG');
    if (this.#parts.length === 0 && parts.at(-1) === '') this.#wantsDirectory = true;
    const named = parts.filter((part) => part !== '');
    // A dot says something only at the end: that a directory is meant.
    this.#parts.push(...named.filter((part, index) => part !== '.' || index === named.length - 1).reverse());
  }
}

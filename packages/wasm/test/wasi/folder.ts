// A directory that a test grants, with something outside of it that no guest may ever see.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is in the file outside. */
export const SECRET = 'secret of the host';

/** A new directory `inside`, and beside it the file `outside` and the directory `elsewhere` with a file `outside`. */
export class Folder {
  readonly base: string = realpathSync(mkdtempSync(join(tmpdir(), 'plugbay-wasi-')));
  readonly inside: string = join(this.base, 'inside');
  readonly outside: string = join(this.base, 'outside');
  readonly elsewhere: string = join(this.base, 'elsewhere');

  constructor() {
    mkdirSync(this.inside);
    mkdirSync(this.elsewhere);
    writeFileSync(this.outside, SECRET);
    writeFileSync(join(this.elsewhere, 'outside'), SECRET);
  }

  /** The path of something inside. */
  path(name: string): string {
    return join(this.inside, name);
  }

  file(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true });
  }
}

// The one connection to a SQLite file, as kysely wants it: statements prepared once, errors translated.
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { sqliteError } from './error.ts';

// 256: several times what this package's queries compile to; lists of different lengths in one query are different statements.
const STATEMENTS_MAX = 256;

interface Prepared {
  readonly statement: StatementSync;
  /** Names of the columns that it answers with; none for a statement that only changes something. */
  readonly columns: readonly string[];
}

/** Executes queries on `database`, whose file is `path`. node:sqlite answers at once, so nothing here ever waits. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, Prepared>();

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Whether a transaction is open. */
  get inTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  /** @throws PlugbayError `unavailable` (disk full, closed), `integrity` (damaged file), `conflict` (in use), `internal`. */
  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { statement, columns } = this.#prepare(sql);
      const values = parameters as readonly SQLInputValue[];
      if (columns.length > 0) return { rows: readRows(statement, values, columns) as Row[] };
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    } catch (cause) {
      throw sqliteError(this.#path, cause);
    }
  }

  /** Not offered: every list in this registry is read whole. */
  // biome-ignore lint/correctness/useYield: there is nothing to yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('SQLite queries are not streamed');
  }

  /** Undoes the open transaction; SQLite may have done so already, when the disk was full. */
  rollback(): void {
    if (this.inTransaction) this.#database.exec('ROLLBACK');
  }

  /** Closes the file; every later query gets `unavailable`. May be called again. */
  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, columns: statement.columns().map(({ name }) => name) };
    if (prepared.columns.length > 0) statement.setReturnArrays(true);
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

// Rows come as arrays, because node:sqlite takes twice as long to make objects of them as this does.
function readRows(
  statement: StatementSync,
  values: readonly SQLInputValue[],
  columns: readonly string[],
): Record<string, SQLOutputValue>[] {
  const rows = statement.all(...values) as unknown as SQLOutputValue[][];
  return rows.map((cells) => {
    const row: Record<string, SQLOutputValue> = {};
    for (let index = 0; index < columns.length; index++)
      row[columns[index] as string] = cells[index] as SQLOutputValue;
    return row;
  });
}

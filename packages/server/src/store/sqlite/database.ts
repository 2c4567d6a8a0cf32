// kysely on SQLite, with a short way for queries that are compiled already: they are most of what a busy registry does.
import { type CompiledQuery, Kysely, type QueryResult } from 'kysely';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';
import { sqliteDialect } from './dialect.ts';

/** The registry's database on one open connection. */
export class SqliteDatabase extends Kysely<Tables> {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    super({ dialect: sqliteDialect(connection) });
    this.#connection = connection;
  }

  /**
   * Executes a compiled query. SQLite answers within this call, so kysely's turn-taking is needed only while somebody
   * else's transaction is open on the connection.
   */
  override executeQuery<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
    return this.#connection.inTransaction ? super.executeQuery(query) : this.#connection.executeQuery(query);
  }

  /** Closes the file at once; a transaction that is open is undone, every later query gets `unavailable`. */
  override async destroy(): Promise<void> {
    this.#connection.close();
  }
}

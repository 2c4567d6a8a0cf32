// A query that is built and compiled once and then runs with new values each time: for what every request asks.
import type { CompiledQuery } from 'kysely';
import type { Database } from './tables.ts';

class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Runs the query with these values. @throws PlugbayError as the database does. */
export type PreparedQuery<Names extends string, Row> = (
  values: Readonly<Record<Names, string>>,
) => Promise<Row[]>;

/** Compiles what `build` makes; `build` puts `placeholder(name)` where the value of that name goes. */
export function prepareQuery<Names extends string, Row>(
  database: Database,
  build: (placeholder: (name: Names) => string) => { compile(): CompiledQuery<Row> },
): PreparedQuery<Names, Row> {
  // kysely hands values through untouched, so an object in the place of a string comes back out of the compiled query.
  const compiled = build((name) => new Placeholder(name) as unknown as string).compile();
  return async (values) => {
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as Names] : parameter,
    );
    const { rows } = await database.executeQuery<Row>({ ...compiled, parameters });
    return rows;
  };
}

// `npm run bench`: measures every row, or those whose name starts with `--only PREFIX`; `--json` for one object per line.
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { jsonLine, table } from './report.ts';
import type { Result, Row } from './row.ts';
import { countVowels, instantiate } from './rows/extism.ts';
import { getBindings } from './rows/server.ts';
import { callResident } from './rows/xtp.ts';

const ROWS: readonly Row[] = [countVowels, instantiate, callResident, getBindings];

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const rows = ROWS.filter((row) => row.name.startsWith(values.only));
if (rows.length === 0) {
  console.error(
    `error: no row starts with ${JSON.stringify(values.only)}; there are:\n${ROWS.map((row) => row.name).join('\n')}`,
  );
  process.exit(1);
}

const results: Result[] = [];
for (const row of rows) {
  console.error(`· ${row.name}`);
  const result = await measure(row);
  results.push(result);
  if (values.json) console.log(jsonLine(result));
}
if (!values.json) console.log(table(results));

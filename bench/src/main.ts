// `npm run bench`: measures every row, or those whose name starts with `--only PREFIX`; `--json` for one object per line.
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { jsonLine, table } from './report.ts';
import type { Result, Row } from './row.ts';
import { executeInline, executeWorker } from './rows/apiqube/execute.ts';
import { epochGeomean } from './rows/epoch.ts';
import { countVowels, echo1m, echo64k, hostfn, hostfnAsync, hostfnSync } from './rows/extism/call.ts';
import { cold, instantiate } from './rows/extism/open.ts';
import { residents, rss1000 } from './rows/extism/residents.ts';
import { countVowels as countVowelsOnThread } from './rows/extism/worker/call.ts';
import { cold as coldOnThread } from './rows/extism/worker/cold.ts';
import { sustained } from './rows/extism/worker/sustained.ts';
import { throughput } from './rows/extism/worker/throughput.ts';
import { fuelGeomean } from './rows/fuel.ts';
import { getBindings } from './rows/server.ts';
import { hostcall16, echo16 as wapcEcho16, echo64k as wapcEcho64k } from './rows/wapc/call.ts';
import { kill, killP99 } from './rows/worker/kill.ts';
import { loopDelayP99 } from './rows/worker/loop-delay.ts';
import { callResident, callResidentInline } from './rows/xtp.ts';

const ROWS: readonly Row[] = [
  countVowels,
  echo64k,
  echo1m,
  hostfn,
  hostfnSync,
  hostfnAsync,
  cold,
  instantiate,
  rss1000,
  residents,
  countVowelsOnThread,
  sustained,
  throughput,
  coldOnThread,
  fuelGeomean,
  epochGeomean,
  wapcEcho16,
  hostcall16,
  wapcEcho64k,
  executeInline,
  executeWorker,
  kill,
  killP99,
  loopDelayP99,
  callResident,
  callResidentInline,
  getBindings,
];

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
  try {
    const result = await measure(row);
    results.push(result);
    if (values.json) console.log(jsonLine(result));
  } catch (error) {
    // The others are worth knowing all the same.
    console.error(`error: ${row.name}:`, error);
    process.exitCode = 1;
  }
}
if (!values.json) console.log(table(results));
// What a row that failed has left behind must not keep the process.
process.exit();

// The http protocol as an ApiQube plugin: what the host calls.
import { begin, end, release, reserve, textAt } from './buffers';
import { emitEvent, ERROR, log, sendRequest } from './host';
import { INFO, NAME } from './info';
import { Json } from './json';
import { parseJson } from './json-reader';
import { failedOutput, outputOf } from './output';
import { problemsOf, requestOf } from './request';

const INVALID_JSON = 'invalid input JSON';

export function allocate(size: u32): u64 {
  return reserve(size);
}

export function plugin_info(): u64 {
  begin();
  return end(INFO);
}

// There is nothing to configure.
export function plugin_init(_config: u64): u64 {
  return 0;
}

export function plugin_destroy(): void {
  release();
}

export function validate(packed: u64): u64 {
  begin();
  const input = inputAt(packed);
  if (input === null) return end(`[{"field":"","message":"${INVALID_JSON}"}]`);
  const problems = problemsOf(input);
  return end(problems.values.length == 0 ? '' : problems.write());
}

export function execute(packed: u64): u64 {
  begin();
  const input = inputAt(packed);
  return end((input === null ? failedOutput(INVALID_JSON) : run(input)).write());
}

function run(input: Json): Json {
  const problems = problemsOf(input).values;
  if (problems.length > 0)
    return failedOutput((problems[0].getString('field') + ' ' + problems[0].getString('message')).trim());
  const request = requestOf(input);
  emitEvent(eventOf('Sent', request, ['method', 'url']));
  const response = parseJson(sendRequest(request.write()));
  if (response === null) return failedOutput('the host did not answer the request');
  if (response.getString('error') == '') emitEvent(eventOf('Received', response, ['status', 'duration_ms']));
  return outputOf(response);
}

// A PluginEvent with some of what `source` holds.
function eventOf(kind: string, source: Json, names: string[]): string {
  const data = Json.object();
  for (let i = 0; i < names.length; i++) {
    const value = source.get(names[i]);
    if (value !== null) data.with(names[i], value);
  }
  return Json.object()
    .with('plugin', Json.ofString(NAME))
    .with('kind', Json.ofString(kind))
    .with('data', data)
    .write();
}

// No input is a test that says nothing.
function inputAt(packed: u64): Json | null {
  return packed == 0 ? Json.object() : parseJson(textAt(packed));
}

let aborting = false;

// What AssemblyScript calls when something goes wrong that this code did not expect: the log says what, and the module traps.
function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  // Saying what takes memory, which may be what is missing.
  if (aborting) unreachable();
  aborting = true;
  const what = message === null ? 'aborted' : message;
  const where = file === null ? '' : ' at ' + file + ':' + line.toString() + ':' + column.toString();
  log(ERROR, what + where);
  unreachable();
}

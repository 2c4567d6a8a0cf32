// From a test to the HTTP request that it means.
import { encodeBase64 } from './base64';
import { Json, Kind } from './json';
import { timeoutMs } from './timeout';
import { joinUrl, withQuery } from './url';

/** What is wrong with a test, as FieldErrors: an array, empty when nothing is. */
export function problemsOf(input: Json): Json {
  const problems = Json.array();
  if (input.kind != Kind.Object) return problems.add(problem('', 'the input must be an object'));
  const fields = fieldsOf(input);
  if (fields.getString('url') == '' && input.getString('target') == '')
    problems.add(problem('target', 'is required where fields.url is not given'));
  const headers = input.get('headers');
  if (headers !== null && !holdsStrings(headers)) problems.add(problem('headers', 'must hold strings'));
  expect(problems, fields, 'url', Kind.String, 'must be a string');
  expect(problems, fields, 'query', Kind.Object, 'must be an object');
  expect(problems, fields, 'followRedirects', Kind.Bool, 'must be true or false');
  expect(problems, fields, 'maxRedirects', Kind.Number, 'must be a number');
  return problems;
}

/** The HTTPRequest for a test without problems. */
export function requestOf(input: Json): Json {
  const fields = fieldsOf(input);
  const request = Json.object().with('method', Json.ofString(methodOf(input))).with('url', Json.ofString(urlOf(input)));
  const headers = headersOf(input);
  const body = fields.get('body');
  if (body !== null) {
    addContentType(headers, body);
    request.with('body', Json.ofString(encodeBase64(body.kind == Kind.String ? body.text : body.write())));
  }
  if (headers.keys.length > 0) request.with('headers', headers);
  const timeout = timeoutMs(input.getString('timeout'));
  if (timeout > 0) request.with('timeout_ms', Json.ofNumber(timeout.toString()));
  const follow = fields.get('followRedirects');
  if (follow !== null) request.with('follow_redirects', follow);
  const most = fields.get('maxRedirects');
  if (most !== null) request.with('max_redirects', Json.ofNumber((<i32>parseFloat(most.text)).toString()));
  return request;
}

function methodOf(input: Json): string {
  const method = input.getString('method');
  return method == '' ? 'GET' : method.toUpperCase();
}

function urlOf(input: Json): string {
  const fields = fieldsOf(input);
  const own = fields.getString('url');
  const url = own == '' ? joinUrl(input.getString('target'), input.getString('resource')) : own;
  const query = fields.get('query');
  return query === null ? url : withQuery(url, query);
}

function headersOf(input: Json): Json {
  const headers = Json.object();
  const given = input.get('headers');
  if (given === null) return headers;
  for (let i = 0; i < given.keys.length; i++) headers.with(given.keys[i], given.values[i]);
  return headers;
}

function addContentType(headers: Json, body: Json): void {
  for (let i = 0; i < headers.keys.length; i++) {
    if (headers.keys[i].toLowerCase() == 'content-type') return;
  }
  const type = body.kind == Kind.String ? 'text/plain; charset=utf-8' : 'application/json';
  headers.with('Content-Type', Json.ofString(type));
}

function fieldsOf(input: Json): Json {
  const fields = input.get('fields');
  return fields === null ? Json.object() : fields;
}

function holdsStrings(headers: Json): bool {
  if (headers.kind != Kind.Object) return false;
  for (let i = 0; i < headers.values.length; i++) {
    if (headers.values[i].kind != Kind.String) return false;
  }
  return true;
}

function expect(problems: Json, fields: Json, name: string, kind: Kind, message: string): void {
  const field = fields.get(name);
  if (field !== null && field.kind != kind) problems.add(problem('fields.' + name, message));
}

function problem(field: string, message: string): Json {
  return Json.object().with('field', Json.ofString(field)).with('message', Json.ofString(message));
}

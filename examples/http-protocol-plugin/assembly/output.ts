// From the HTTP response to what the test sees of it.
import { decodeBase64 } from './base64';
import { Json } from './json';
import { parseJson } from './json-reader';
import { decodeUtf8 } from './utf8';

/** The TestOutput for an HTTPResponse. */
export function outputOf(response: Json): Json {
  const error = response.getString('error');
  const headers = response.get('headers');
  const body = bodyOf(response);
  const output = Json.object().with('status', numberIn(response, 'status'));
  if (headers !== null && headers.keys.length > 0) output.with('headers', headers);
  if (body !== null) output.with('body', body);
  output.with('duration_ms', numberIn(response, 'duration_ms'));
  if (error != '') output.with('error', Json.ofString(error));
  return output;
}

/** The TestOutput of a test for which no request was made, or none was answered. */
export function failedOutput(error: string): Json {
  return outputOf(Json.object().with('error', Json.ofString(error)));
}

function bodyOf(response: Json): Json | null {
  const bytes = decodeBase64(response.getString('body'));
  if (bytes === null || bytes.length == 0) return null;
  const text = decodeUtf8(bytes);
  const json = contentTypeOf(response).includes('json') ? parseJson(text) : null;
  return json === null ? Json.ofString(text) : json;
}

function contentTypeOf(response: Json): string {
  const headers = response.get('headers');
  if (headers === null) return '';
  for (let i = 0; i < headers.keys.length; i++) {
    if (headers.keys[i].toLowerCase() == 'content-type') return headers.values[i].text.toLowerCase();
  }
  return '';
}

function numberIn(response: Json, name: string): Json {
  const found = response.get(name);
  return found === null ? Json.ofNumber('0') : found;
}

// The public surface of @plugbay/io.
export { TEMPORARY_SUFFIX, type WriteOptions, writeFileAtomic } from './atomic-file.ts';
export { ContentStore } from './content-store.ts';
export { diskError, errnoOf } from './disk-error.ts';
export { type HostPolicy, hostPolicy, type Reach } from './host-policy.ts';
export { type FetchRequest, sendRequest } from './http.ts';
export {
  answerHttpCall,
  type HttpCallLimits,
  resolveHttpCallLimits,
  type SettledHttpCallLimits,
} from './http-call-answer.ts';
export { createHttpClient, type HttpClient, type HttpClientOptions } from './http-client.ts';
export type { HostAddress, Resolve } from './http-connect.ts';
export type { HttpRequest, HttpResponse } from './http-message.ts';
export { privateUseOf } from './public-address.ts';
export { SingleFlight } from './single-flight.ts';

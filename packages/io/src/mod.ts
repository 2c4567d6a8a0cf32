// The public surface of @plugbay/io.
export { TEMPORARY_SUFFIX, type WriteOptions, writeFileAtomic } from './atomic-file.ts';
export { ContentStore } from './content-store.ts';
export { diskError, errnoOf } from './disk-error.ts';
export { type HttpRequest, type HttpResponse, sendRequest } from './http.ts';
export { SingleFlight } from './single-flight.ts';

// The public surface of @plugbay/loader.
export { ContentCache, type FetchContent } from './cache/content-cache.ts';
export { RecordCache } from './cache/record-cache.ts';
export { loadFile } from './load-file.ts';
export { type FileLocator, parseLocator } from './locator.ts';

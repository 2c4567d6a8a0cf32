// The public surface of @plugbay/schema.
export { compileExport, type ExportCodec } from './export-codec.ts';
export type {
  ContentType,
  EnumType,
  ExportDeclaration,
  ExtensionSchema,
  ImportDeclaration,
  MapShape,
  ObjectType,
  Parameter,
  PlainShape,
  ReferenceShape,
  ValueNotes,
  ValueShape,
  ValueType,
} from './extension-schema.ts';
export type { SchemaWarning } from './finding.ts';
export {
  SCHEMA_MAX_ALIASES,
  SCHEMA_MAX_BYTES,
  SCHEMA_MAX_DEPTH,
  SCHEMA_MAX_NAME_CHARACTERS,
  SCHEMA_MAX_NAMES,
  SCHEMA_MAX_TOKENS,
  SCHEMA_MAX_VALUES,
} from './limits.ts';
export { type ParsedSchema, parseSchema } from './parse-schema.ts';

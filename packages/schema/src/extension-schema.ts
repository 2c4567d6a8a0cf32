// The normalised schema of an extension point, in the words of XTP's v1-draft; JSON all through.

/** The schema of an extension point. Its maps are plain objects; look names up with `Object.hasOwn`. */
export interface ExtensionSchema {
  /** As its author wrote it. A `v0` schema names its exports and declares nothing about them. */
  readonly version: 'v0' | 'v1-draft';
  readonly exports: Readonly<Record<string, ExportDeclaration>>;
  readonly imports?: Readonly<Record<string, ImportDeclaration>>;
  readonly components?: { readonly schemas: Readonly<Record<string, ObjectType | EnumType>> };
}

/** A host function that plugins may import. Without `input` or `output` there is none. */
export interface ImportDeclaration {
  readonly description?: string;
  readonly input?: Parameter;
  readonly output?: Parameter;
}

/** A function that plugins implement. */
export interface ExportDeclaration extends ImportDeclaration {
  readonly codeSamples?: readonly {
    readonly lang: string;
    readonly source: string;
    readonly label?: string;
  }[];
}

/** An input or output: what the value looks like, and how it travels. */
export type Parameter = ValueShape & { readonly contentType: ContentType };

/** How a value travels. Written in any case, normalised to one of these. */
export type ContentType = (typeof CONTENT_TYPES)[number];

/** Every content type. */
export const CONTENT_TYPES = [
  'application/json',
  'application/x-binary',
  'text/plain; charset=utf-8',
] as const;

/** What a value looks like. */
export type ValueShape = PlainShape | ReferenceShape | MapShape;

/** What every place of a value may say about it. */
export interface ValueNotes {
  /** Whether null is a value here; default false. */
  readonly nullable?: boolean;
  readonly description?: string;
}

/** A value of a built-in type. `object` is any JSON object; `array` without `items` is any list. */
export interface PlainShape extends ValueNotes {
  readonly type: ValueType;
  /** A narrower form of `type`; an integer without one is int64, a number double. */
  readonly format?: string;
  readonly items?: ValueShape;
}

/** The built-in types. `buffer` is base64 text where it travels as JSON. */
export type ValueType = 'integer' | 'string' | 'number' | 'boolean' | 'object' | 'array' | 'buffer';

/** A value of a named type. */
export interface ReferenceShape extends ValueNotes {
  /** `#/components/schemas/NAME`, where NAME exists. */
  readonly $ref: string;
}

/** A JSON object with any keys, and values of one shape. */
export interface MapShape extends ValueNotes {
  readonly type: 'object';
  readonly additionalProperties: ValueShape;
}

/** A named type: a JSON object with these properties, and whatever others. */
export interface ObjectType {
  readonly type?: 'object';
  readonly properties: Readonly<Record<string, ValueShape>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** A named type: one of these strings. */
export interface EnumType {
  readonly type?: 'string';
  readonly enum: readonly string[];
  readonly description?: string;
}

/** The name of the type that a `$ref` refers to; undefined when it has another form. */
export function referencedName(reference: string): string | undefined {
  return /^#\/components\/schemas\/([^/]+)$/.exec(reference)?.[1];
}

/** The content type that is meant, whatever its case and spacing; undefined when it is none of XTP's. */
export function contentTypeOf(text: string): ContentType | undefined {
  const canonical = text.toLowerCase().replace(/;\s*/, '; ');
  return CONTENT_TYPES.find((type) => type === canonical);
}

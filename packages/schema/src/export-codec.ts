// The codec of one export: what a client needs to call it with a value and to get a value back.
import { type Codec, type ErrorCode, PlugbayError, type PluginOutput } from '@plugbay/core';
import type { ExtensionSchema, Parameter } from './extension-schema.ts';
import { listed } from './finding.ts';
import { parameterCodec, type Refuse, voidCodec } from './parameter-codec.ts';
import { parameterChecks } from './value-check.ts';

/** Turns values into an export's input and its output into values, as the schema declares them. */
export interface ExportCodec {
  /** Whether the export has an input and an output at all. */
  readonly declared: { readonly input: boolean; readonly output: boolean };
  /**
   * A value as the plugin's input; empty text when no input is declared.
   * @throws PlugbayError `invalid` when the value is not as declared, or not undefined where nothing is.
   */
  encodeInput(value: unknown): Uint8Array | string;
  /**
   * The plugin's output as a value; undefined when no output is declared. JSON stays as it is: a date-time is a string.
   * @throws PlugbayError `plugin` when the output is not as declared: the plugin broke its contract.
   */
  decodeOutput(output: PluginOutput): unknown;
}

/**
 * Compiles the codec of an export, in milliseconds; keep it for as long as the schema. Undefined for an export of a v0
 * schema, which declares nothing: the caller encodes as it sees fit.
 * @param schema as {@link parseSchema} normalised it.
 * @throws PlugbayError `not_found` when the schema has no such export.
 */
export function compileExport(schema: ExtensionSchema, name: string): ExportCodec | undefined {
  const declaration = Object.hasOwn(schema.exports, name) ? schema.exports[name] : undefined;
  if (declaration === undefined) {
    throw new PlugbayError('not_found', `the schema has no export "${name}"`, {
      hint: `Use one of: ${listed(Object.keys(schema.exports))}.`,
    });
  }
  if (schema.version === 'v0') return undefined;
  const checkOf = parameterChecks(schema);
  const codecOf = (parameter: Parameter | undefined, code: ErrorCode, direction: string): Codec<unknown> => {
    const refuse: Refuse = (what, cause) =>
      new PlugbayError(code, `${direction} of ${name}: ${what}`, { cause });
    return parameter === undefined
      ? voidCodec(refuse)
      : parameterCodec(parameter.contentType, checkOf(parameter), refuse);
  };
  const { input, output } = declaration;
  const inputs = codecOf(input, 'invalid', 'input');
  const outputs = codecOf(output, 'plugin', 'output');
  return {
    declared: { input: input !== undefined, output: output !== undefined },
    encodeInput: (value) => inputs.encode(value),
    decodeOutput: (given) => outputs.decode(given),
  };
}

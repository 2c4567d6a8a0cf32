// Carries the values of one input or output: as its content type says, and only those of its shape.
import { binaryCodec, type Codec, isPlugbayError, jsonCodec, PlugbayError, textCodec } from '@plugbay/core';
import type { ContentType } from './extension-schema.ts';
import { isJsonForm } from './json-form.ts';
import type { ValueCheck } from './value-check.ts';

/** Makes the error about a value; `what` says what is wrong with it. */
export type Refuse = (what: string, cause?: unknown) => PlugbayError;

const CARRIERS: Readonly<Record<ContentType, Codec<unknown>>> = {
  'application/json': jsonCodec,
  'application/x-binary': binaryCodec,
  'text/plain; charset=utf-8': textCodec,
};

/** The codec of an input or output that is not declared: nothing goes in, and whatever comes out is dropped. */
export function voidCodec(refuse: Refuse): Codec<unknown> {
  return {
    encode(value) {
      if (value !== undefined) throw refuse('must be undefined, because none is declared');
      return '';
    },
    decode: () => undefined,
  };
}

/** The codec of a declared input or output. Whatever is wrong, both directions throw what `refuse` makes of it. */
export function parameterCodec(contentType: ContentType, check: ValueCheck, refuse: Refuse): Codec<unknown> {
  const carrier = CARRIERS[contentType];
  const accept = (value: unknown): void => {
    const fault = check(value);
    if (fault !== undefined) throw new PlugbayError('invalid', fault);
  };
  const attempt = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      if (isPlugbayError(error)) throw refuse(error.message, error.cause);
      // Values are followed by recursion, as deep as they go.
      if (error instanceof RangeError) throw refuse('is nested too deeply', error);
      throw error;
    }
  };
  return {
    encode: (value) =>
      attempt(() => {
        const carried = carrier.encode(value);
        // What is checked is what is sent: of JSON, what the text says. Parsing it again takes twice as long as writing
        // it did, so that is left out for values which JSON would give back as they are.
        accept(typeof carried === 'string' && !isJsonForm(value) ? JSON.parse(carried) : value);
        return carried;
      }),
    decode: (output) =>
      attempt(() => {
        const value = carrier.decode(output);
        accept(value);
        return value;
      }),
  };
}

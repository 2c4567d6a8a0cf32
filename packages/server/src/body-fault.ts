// What is told of a body that fastify does not take: what the route takes instead.
import type { FastifyRequest } from 'fastify';

/** Every media type that some route takes. */
const MEDIA_TYPES = [
  'application/json',
  'application/wasm',
  'application/octet-stream',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
] as const;

/** What a client is told of a fault in its body. */
export interface BodyFault {
  /** Undefined where fastify's own words are clear. */
  readonly detail?: string;
  readonly hint: string;
}

/** What to say of fastify's error `code`; undefined when it is not about a body's type or form. */
export function bodyFault(code: string, request: FastifyRequest): BodyFault | undefined {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const types = takenTypes(request);
      const sent = request.headers['content-type'];
      const not = sent === undefined ? 'and this body has none' : `not ${JSON.stringify(sent.slice(0, 80))}`;
      return {
        detail: `this route takes a body of the media type ${types}, ${not}`,
        hint: `Set the header content-type to ${types}, and send such a body.`,
      };
    }
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { hint: 'Send one JSON object in UTF-8, as JSON.stringify writes it.' };
    default:
      return undefined;
  }
}

function takenTypes(request: FastifyRequest): string {
  const types = MEDIA_TYPES.filter((type) => request.server.hasContentTypeParser(type));
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(types);
}

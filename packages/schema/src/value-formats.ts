// What the formats of XTP's types let through, of values as they are in JSON.
import type { FormatDefinition } from 'ajv';

/** The rule of one format, and how a message names it. */
export interface ValueFormat {
  readonly rule: FormatDefinition<string> | FormatDefinition<number>;
  readonly expected: string;
}

/** The formats by name. */
export const VALUE_FORMATS: Readonly<Record<string, ValueFormat>> = {
  'date-time': { rule: { validate: isDateTime }, expected: 'an RFC 3339 date-time' },
  byte: { rule: { validate: isBase64 }, expected: 'base64' },
  float: { rule: { type: 'number', validate: isFloat }, expected: 'float' },
  double: { rule: { type: 'number', validate: Number.isFinite }, expected: 'double' },
  ...integers(8),
  ...integers(16),
  ...integers(32),
  ...integers(64),
};

// Beyond 2^53 JSON in JavaScript is no longer exact, so the bounds of 64 bits are the nearest doubles.
function integers(bits: number): Record<string, ValueFormat> {
  const half = 2 ** (bits - 1);
  return {
    [`int${bits}`]: {
      rule: { type: 'number', validate: (value) => value >= -half && value < half },
      expected: `int${bits} (-2^${bits - 1} to 2^${bits - 1}-1)`,
    },
    [`uint${bits}`]: {
      rule: { type: 'number', validate: (value) => value >= 0 && value < half * 2 },
      expected: `uint${bits} (0 to 2^${bits}-1)`,
    },
  };
}

function isFloat(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** Whether a text is a date-time of RFC 3339 §5.6 on a day that exists. */
export function isDateTime(text: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(text) ?? [];
  // Date rolls a day that does not exist over to the next month.
  return year !== undefined && new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
}

/** Whether a text is padded base64 of RFC 4648 §4. */
export function isBase64(text: string): boolean {
  // A search for the first other character: a pattern over groups of four would exhaust the stack on megabytes.
  const end = text.search(/[^A-Za-z0-9+/]/);
  const padding = end === -1 ? '' : text.slice(end);
  return text.length % 4 === 0 && (padding === '' || padding === '=' || padding === '==');
}

// Which values JSON would give back as they are.

/**
 * Whether a value is its own JSON form: plain objects and lists of null, booleans, strings and finite numbers all through.
 * Anything else (a Date, an undefined property, a class with getters) JSON gives back as something else.
 * @throws RangeError when it is nested too deeply for recursion.
 */
export function isJsonForm(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value !== 'object') return Number.isFinite(value);
  if ('toJSON' in value) return false;
  // Not every() alone: it skips holes, which JSON makes null.
  if (Array.isArray(value)) return !value.includes(undefined) && value.every(isJsonForm);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every(isJsonForm);
}

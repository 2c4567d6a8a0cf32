// The forms in which a test says how long a request may take.

// No request takes longer than a day; what would be more is a day.
const MAX_MS: f64 = 86_400_000;

/** Milliseconds of `500ms`, `2s`, `1.5m`, `1h` or `250`; 0, which is no limit, for everything else. */
export function timeoutMs(text: string): i32 {
  const trimmed = text.trim();
  let end = 0;
  while (end < trimmed.length && isNumeric(trimmed.charCodeAt(end))) end++;
  const amount = F64.parseFloat(trimmed.substring(0, end));
  const milliseconds = amount * unitMs(trimmed.substring(end));
  if (!isFinite(milliseconds) || trimmed.indexOf('.') != trimmed.lastIndexOf('.')) return 0;
  return <i32>Math.min(milliseconds, MAX_MS);
}

// Not a number for what is no unit, as for what is no number.
function unitMs(unit: string): f64 {
  if (unit == '' || unit == 'ms') return 1;
  if (unit == 's') return 1_000;
  if (unit == 'm') return 60_000;
  return unit == 'h' ? 3_600_000 : NaN;
}

function isNumeric(code: i32): bool {
  return (code >= 0x30 && code <= 0x39) || code == 0x2e;
}

// What is said of a guest that failed without a text of its own.

const FAILURE = 0;

/** Why a call failed whose guest returned anything but success, or exited. */
export function failureText(operation: string, returned: unknown, exitCode: number | undefined): string {
  const named = JSON.stringify(operation);
  if (exitCode !== undefined) return `operation ${named}: the module exited with code ${exitCode}`;
  if (returned === FAILURE) return `operation ${named} failed without an error`;
  return `operation ${named}: the module returned ${returned}, which is neither success (1) nor failure (0)`;
}

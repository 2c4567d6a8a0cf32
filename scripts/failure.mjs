// What can go wrong with a step, told in the words of the person who waits.

/** A step did not succeed; its message is all that a person needs to see. */
export class StepFailed extends Error {}

/** What to print of an error: a failed step speaks for itself, anything else is a defect of ours and needs its stack. */
export function explain(error) {
  return error instanceof StepFailed ? error.message : String(error?.stack ?? error);
}

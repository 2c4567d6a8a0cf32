// How long an error may be that a plugin reports.

/** Bytes of an error's text: 64 KiB hold every message and stack, and an error that fills the memory would end up in logs. */
export const ERROR_TEXT_BYTES: number = 64 * 1024;

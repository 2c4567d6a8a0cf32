// What the server takes at most, and for how long it waits: one named constant each, with its reason.

/** Bytes of a JSON body. 1 MiB: four times the largest schema, as JSON text with its escapes. */
export const JSON_MAX_BYTES: number = 1024 * 1024;

/** Bytes of the form that accepts an invitation: one code and the field's name. */
export const FORM_MAX_BYTES: number = 4 * 1024;

/** Pushes that are read and checked at the same time. 4: at most 256 MiB of memory, a body and its joined copy each. */
export const PUSHES_AT_ONCE = 4;

/** Pushes that wait for their turn; further ones are told to come back. 256: a burst of builds, and only sockets. */
export const PUSHES_WAITING_MAX = 256;

/** Names that one guest binds at one extension point. 256: the whole map is read with every lookup. */
export const BINDINGS_PER_GUEST_MAX = 256;

/** Answers about bindings that are kept ready. 1,000: half a megabyte with three bindings each, 40 MB if all are at their limit. */
export const CACHED_BINDING_SETS = 1_000;

/** Characters of a name that a person gives: one line on any screen. */
export const NAME_MAX_CHARACTERS = 100;

/** Characters of an e-mail address; RFC 5321 §4.5.3.1.3 allows no longer path. */
export const EMAIL_MAX_CHARACTERS = 254;

/** Milliseconds for which an invitation can be accepted. 7 days: it survives a holiday, not a forgotten mailbox. */
export const INVITE_VALID_MS: number = 7 * 24 * 60 * 60 * 1000;

/** Milliseconds that running requests have when the server stops. 10 s: what container runtimes wait before they kill. */
export const DRAIN_MS = 10_000;

/** Milliseconds for a request's headers. 10 s: many slow round trips, and no room for a drip feed. */
export const HEADERS_TIMEOUT_MS = 10_000;

/** Milliseconds for a whole request. 2 minutes: the largest artifact over 2.3 Mbit/s. */
export const REQUEST_TIMEOUT_MS = 120_000;

/** Milliseconds for which an idle connection is kept. 72 s: longer than the 60 s of the common proxies, which then close first. */
export const KEEP_ALIVE_MS = 72_000;

/** Characters of one path parameter, as sent: a name at its limit, every character four escaped bytes. */
export const PARAMETER_MAX_CHARACTERS: number = NAME_MAX_CHARACTERS * 12;

/** Seconds after which a client that was turned away may come back; what keeps the server busy takes about that long. */
export const RETRY_AFTER_SECONDS = 1;

// The registry's HTTP API in types: what the server sends and the client reads. Times are ISO 8601 in UTC with milliseconds.
import type { ErrorCode } from './error.ts';

/** An app: the product that embeds Plugbay. */
export interface AppRecord {
  /** `app_…` */
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An extension point of an app. */
export interface ExtensionPointRecord {
  /** `ext_…` */
  readonly id: string;
  readonly name: string;
  readonly appId: string;
  /** The normalised schema: `exports` and `imports` are maps by name. */
  readonly schema: { readonly version: string; readonly exports: Readonly<Record<string, unknown>> };
  /** The schema as its author wrote it. */
  readonly schemaYaml: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** All objects of a list in one page. */
export interface PageRecord<T> {
  readonly objects: readonly T[];
  readonly total: number;
  readonly perPage: number;
}

/** What a name of a guest is bound to. */
export interface BindingRecord {
  /** The version's id, `ver_…` */
  readonly id: string;
  readonly contentAddress: string;
  /** When the name was bound to this version; strictly increasing within one guest and extension point. */
  readonly updatedAt: string;
}

/** The bindings of one guest at one extension point, by name. */
export type BindingsRecord = Readonly<Record<string, BindingRecord>>;

/** An artifact after a push. */
export interface ArtifactRecord {
  /** `ext_…/plugin/usr_…/name` */
  readonly id: string;
  readonly extensionPointId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The version that this push made, or found to be there already. */
  readonly version: { readonly id: string; readonly contentAddress: string; readonly createdAt: string };
}

/** An answer to an invitation. */
export interface InviteRecord {
  readonly status: 'ok';
  /** Where the guest accepts. */
  readonly link: string;
}

/** A token that was just made: the only time its text is shown. */
export interface TokenRecord {
  /** `tok_…` */
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly token: string;
  readonly createdAt: string;
}

/** An error over HTTP: RFC 9457 problem details with the facts of a PlugbayError. Media type `application/problem+json`. */
export interface ProblemRecord {
  readonly type: 'about:blank';
  readonly status: number;
  readonly code: ErrorCode;
  readonly title: string;
  readonly detail: string;
  readonly hint?: string;
  readonly requestId: string;
}

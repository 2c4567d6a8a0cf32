// The registry's tables in types. Times are epoch milliseconds; ids are TypeIDs; the migrations make them.
import type { Kysely } from 'kysely';

/** What a user may do in an app: `owner` everything, `guest` what is theirs. */
export type Role = 'owner' | 'guest';

/** All tables by name. */
export interface Tables {
  /** `operator` is 1 for those who may create apps. */
  readonly users: { id: string; operator: number; created_at: number };
  readonly tokens: { id: string; user_id: string; name: string; hash: string; created_at: number };
  readonly apps: { id: string; name: string; created_at: number; updated_at: number };
  /** `guest_key` is set where the role is `guest`. */
  readonly members: { app_id: string; user_id: string; role: Role; guest_key: string | null };
  readonly extension_points: {
    id: string;
    app_id: string;
    name: string;
    /** The normalised schema as JSON. */
    schema: string;
    /** The schema as its author wrote it. */
    schema_text: string;
    created_at: number;
    updated_at: number;
  };
  readonly artifacts: {
    extension_point_id: string;
    owner_id: string;
    name: string;
    created_at: number;
    updated_at: number;
  };
  readonly versions: {
    id: string;
    extension_point_id: string;
    owner_id: string;
    artifact_name: string;
    content_address: string;
    created_at: number;
  };
  /** One row for every guest that was ever bound at a point; it outlives the bindings, so that time never goes back. */
  readonly binding_sets: { extension_point_id: string; guest_key: string; changed_at: number };
  readonly bindings: {
    extension_point_id: string;
    guest_key: string;
    name: string;
    version_id: string;
    updated_at: number;
  };
  /** `user_id` is set once the invitation is accepted; the two invite columns are set until then. */
  readonly guests: {
    id: string;
    app_id: string;
    guest_key: string;
    email: string | null;
    name: string | null;
    user_id: string | null;
    invite_hash: string | null;
    invite_expires_at: number | null;
    created_at: number;
    updated_at: number;
  };
}

/** The registry's database, of whatever dialect. */
export type Database = Kysely<Tables>;

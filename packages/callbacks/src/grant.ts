// Grants: what one plugin may use for one tenant. Nothing is granted unless somebody said so.
import type { HostFunctions } from '@plugbay/core';

/** Permission to use a capability, or some operations of it. */
export interface Grant {
  /** The namespace of a capability's callbacks, or of host functions. */
  readonly capability: string;
  /** The operations, or names of host functions; all of the capability's when absent. */
  readonly operations?: readonly string[] | undefined;
}

/** Whether one of `grants` covers this operation of this namespace. */
export function isGranted(grants: readonly Grant[], namespace: string, operation: string): boolean {
  return grants.some(
    (grant) =>
      grant.capability === namespace &&
      (grant.operations === undefined || grant.operations.includes(operation)),
  );
}

/** One grant per namespace of `functions`, for exactly the functions in it. */
export function grantsFor(functions: HostFunctions): Grant[] {
  return Object.entries(functions).map(([capability, named]) => ({
    capability,
    operations: Object.keys(named),
  }));
}

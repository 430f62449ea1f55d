/** The key to the lock that a `RelayGrant` is. Nothing outside of this room imports it; the layers test sees to that. */
import type { Domain, GrantBasis, RelayGrant } from "../../mail/index.ts";

export function makeGrant(basis: GrantBasis, holder: string, domain: Domain): RelayGrant {
  // The brand is a type and no property: this is the one place that may say so.
  return { basis, holder, domain } as RelayGrant;
}

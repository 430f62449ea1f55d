/** Who a connection is, by the certificate that it has shown. */
import type { Domain, Peer } from "../../mail/index.ts";

export type { Peer, PeerTrust, RelayPair } from "../../mail/index.ts";

export type Caller =
  /** `reason`: why what was shown is nothing; absent where nothing was. */
  | { readonly kind: "nobody"; readonly reason?: string }
  /** Under a public authority, and no peer's. `wildcards`: what its names "*.example.org" are directly above of. */
  | {
      readonly kind: "named";
      readonly names: readonly Domain[];
      readonly wildcards?: readonly Domain[];
    }
  | { readonly kind: "peer"; readonly peer: Peer; readonly level: "certificate" | "pinned" };

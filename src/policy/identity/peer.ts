/**
 * A peer: a server of somebody else's, or another one of ours, that shows who it is by a certificate; as the operator has entered
 * it. What it may do beyond depositing mail here is written out for it, pair by pair.
 */
import type { Domain } from "../../mail/index.ts";

export interface Peer {
  /** The operator's word for it. */
  readonly name: string;
  readonly trust: PeerTrust;
  /** Who may be written to in whose name; none: it deposits here, with less scrutiny, and relays nothing. */
  readonly relays: readonly RelayPair[];
}

export type PeerTrust =
  /** Its public key: SHA-256 of the SubjectPublicKeyInfo, lower hexadecimal digits. Two while it changes. */
  | { readonly kind: "pin"; readonly keys: readonly string[] }
  /** A certificate for one of these names under this authority (PEM), which signs for nobody else. */
  | {
      readonly kind: "private authority";
      readonly authority: string;
      readonly names: readonly Domain[];
    }
  /** A certificate for one of these names under an authority that this machine trusts. Never a right to relay. */
  | { readonly kind: "public authority"; readonly names: readonly Domain[] };

export interface RelayPair {
  /** The domain of the reverse-path. */
  readonly sender: Domain;
  /** The domain of the forward-path. */
  readonly recipient: Domain;
}

/** Who a connection is, by the certificate that it has shown. */
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

/**
 * A peer: a server of somebody else's, or another one of ours, that shows who it is by a certificate; as the operator has entered
 * it. What it may do beyond depositing mail here is written out for it, pair by pair; and what it is known by decides whether
 * it can have such pairs at all.
 */
import type { Domain } from "./domain.ts";

export type Peer = KnownPeer | PublicPeer;

/** Known by what nobody else can have: it may be given rights. */
export interface KnownPeer {
  /** The operator's word for it. */
  readonly name: string;
  readonly trust: PinTrust | PrivateTrust;
  /** Who may be written to in whose name; none: it deposits here, with less scrutiny, and relays nothing. */
  readonly relays: readonly RelayPair[];
}

/** Named by an authority that signs for everybody, and can be mistaken or deceived: there is no such peer with a right to relay. */
export interface PublicPeer {
  readonly name: string;
  readonly trust: PublicTrust;
  readonly relays: readonly [];
}

export type PeerTrust = Peer["trust"];

/** Its public key: SHA-256 of the SubjectPublicKeyInfo, lower hexadecimal digits. Two while it changes. */
export interface PinTrust {
  readonly kind: "pin";
  readonly keys: readonly string[];
}

/** A certificate for one of these names under this authority (PEM), which signs for nobody else. */
export interface PrivateTrust {
  readonly kind: "private authority";
  readonly authority: string;
  readonly names: readonly Domain[];
}

/** A certificate for one of these names under an authority that this machine trusts. */
export interface PublicTrust {
  readonly kind: "public authority";
  readonly names: readonly Domain[];
}

/** Exactly these two domains: none below them. */
export interface RelayPair {
  /** The domain of the reverse-path. */
  readonly sender: Domain;
  /** The domain of the forward-path. */
  readonly recipient: Domain;
}

/** Peers as the store keeps them: what the operator has entered, when they were here last, and the authority that makes certificates for them. */
import type { Peer } from "../mail/index.ts";

export type PeerEntry = Peer & {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When the certificate ends that it showed last, or that was made for it last; milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Its last visit that was noted. */
  readonly lastSeen?: Omit<PeerSeen, "expiresAt">;
};

export interface PeerSeen {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: "certificate" | "pinned";
  /** Of the certificate: SHA-256 of its SubjectPublicKeyInfo, lower hexadecimal digits. */
  readonly key: string;
  /** When the certificate ends, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A private one of this site's, PEM. Whoever has its key can make certificates, which open nothing: peers are entered by their keys. */
export interface PeerAuthority {
  readonly certificate: string;
  /** PKCS#8. */
  readonly privateKey: string;
}

/**
 * Who a connection is, by the certificates that it has shown. A pinned key counts by itself, as a peer's key in a file of
 * known hosts; everybody else needs a path to an authority, that of a peer or one of those that this machine trusts. Whatever
 * is not in order makes it nobody, with the reason.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { CertificateReader } from "./certificate-content.ts";
import { keyOf } from "./certificate-path.ts";
import type { Caller, Peer } from "./peer.ts";

export interface CallerGrounds {
  readonly peers: readonly Peer[];
  /** Authorities that this machine trusts. */
  readonly anchors: Anchors;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly reader: CertificateReader;
}

/** Authorities by their subject, as Node writes it. */
export type Anchors = ReadonlyMap<string, readonly X509Certificate[]>;

/** `shown`: DER, its own first; the handshake has proved that it has the key of that one. None: nobody, without a reason. */
export function callerOf(shown: readonly Uint8Array[], grounds: CallerGrounds): Caller {
  const [own] = shown;
  if (own === undefined) return { kind: "nobody" };
  const certificate = new X509Certificate(own);
  const key = keyDigest(certificate);
  const pinned = grounds.peers.find(
    ({ trust }) => trust.kind === "pin" && key !== undefined && trust.keys.includes(key),
  );
  if (pinned !== undefined) return { kind: "peer", peer: pinned, level: "pinned" };
  return { kind: "nobody", reason: "paths are not looked at yet" };
}

/** SHA-256 of its SubjectPublicKeyInfo, 64 hexadecimal digits in lower case: what a pin is. Undefined for a key that cannot be read. */
export function keyDigest(certificate: X509Certificate): string | undefined {
  const key = keyOf(certificate)?.export({ type: "spki", format: "der" });
  return key === undefined ? undefined : createHash("sha256").update(key).digest("hex");
}

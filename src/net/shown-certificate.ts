/** The certificate that a server shows us, and whom this machine believes about names. */
import { X509Certificate } from "node:crypto";
import { getCACertificates, type DetailedPeerCertificate, type TLSSocket } from "node:tls";

export interface ShownCertificate {
  /** SHA-256 of its DER: 64 hexadecimal digits in lower case; "" where none was shown. */
  readonly sha256: string;
  /** Why nobody vouches for it being the name's that was dialled; absent where somebody does. */
  readonly problem?: string;
  /** It and those of its issuers that came with it. */
  readonly path: () => readonly X509Certificate[];
}

/** Certificates of a path that are looked at. */
const PATH_LIMIT = 16;

/** Of a handshake that has just ended; without SNI it is held against the address. */
export function shownCertificate(secure: TLSSocket): ShownCertificate {
  const fingerprint = secure.getPeerX509Certificate()?.fingerprint256 ?? "";
  const sha256 = fingerprint.replaceAll(":", "").toLowerCase();
  const path = (): readonly X509Certificate[] => pathOf(secure);
  if (secure.authorized) return { sha256, path };
  const { authorizationError: error } = secure;
  return { sha256, path, problem: error instanceof Error ? error.message : String(error) };
}

/** Node links each certificate to its issuer, and one that is its own issuer to itself. */
function pathOf(secure: TLSSocket): readonly X509Certificate[] {
  const path: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = secure.getPeerCertificate(true);
  const seen = new Set<DetailedPeerCertificate>();
  while (next?.raw !== undefined && !seen.has(next) && path.length < PATH_LIMIT) {
    seen.add(next);
    path.push(new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return path;
}

let authorities: readonly string[] | undefined;

/** PEM of the authorities that come with Node, and of those that this machine's administrator trusts; read once. */
export function trustedAuthorities(): readonly string[] {
  authorities ??= [...getCACertificates("default"), ...getCACertificates("system")];
  return authorities;
}

/** The certificate that a server shows us, and whom this machine believes about names. */
import { getCACertificates, type TLSSocket } from "node:tls";

export interface ShownCertificate {
  /** SHA-256 of its DER: 64 hexadecimal digits in lower case; "" where none was shown. */
  readonly sha256: string;
  /** Why nobody vouches for it being the name's that was dialled; absent where somebody does. */
  readonly problem?: string;
}

/** Of a handshake that has just ended; without SNI it is held against the address. */
export function shownCertificate(secure: TLSSocket): ShownCertificate {
  const fingerprint = secure.getPeerX509Certificate()?.fingerprint256 ?? "";
  const sha256 = fingerprint.replaceAll(":", "").toLowerCase();
  if (secure.authorized) return { sha256 };
  const { authorizationError: error } = secure;
  return { sha256, problem: error instanceof Error ? error.message : String(error) };
}

let authorities: readonly string[] | undefined;

/** PEM of the authorities that come with Node, and of those that this machine's administrator trusts; read once. */
export function trustedAuthorities(): readonly string[] {
  authorities ??= [...getCACertificates("default"), ...getCACertificates("system")];
  return authorities;
}

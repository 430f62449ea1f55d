/**
 * What a client showed of itself in a handshake. A session that was resumed shows nothing: TLS has it that the client is who it was,
 * but whose certificate that was, and whether it would do today, is no more looked at then.
 */
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** Certificates that are kept of one client, and octets of them together; a usual path has 5000. */
const CERTIFICATES_LIMIT = 16;
const OCTETS_LIMIT = 65_536;

/** DER in the order in which they came, its own first. Asked once after a handshake: Node takes the issuers out of it. */
export function clientCertificates(secure: TLSSocket): readonly Uint8Array[] {
  if (secure.isSessionReused()) return [];
  const shown: Uint8Array[] = [];
  let octets = 0;
  let next: X509Certificate | undefined = secure.getPeerX509Certificate();
  while (next !== undefined && shown.length < CERTIFICATES_LIMIT) {
    octets += next.raw.length;
    if (octets > OCTETS_LIMIT) break;
    shown.push(next.raw);
    next = next.issuerCertificate;
  }
  return shown;
}

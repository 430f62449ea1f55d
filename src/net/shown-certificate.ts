/** The certificate that a server shows us, and whom this machine believes about names. */
import { X509Certificate } from "node:crypto";
import { getCACertificates, type DetailedPeerCertificate, type TLSSocket } from "node:tls";

export interface ShownCertificate {
  /** SHA-256 of its DER: 64 hexadecimal digits in lower case; "" where none was shown. */
  readonly sha256: string;
  /** Why nobody vouches for it being the name's that was dialled; absent where somebody does. */
  readonly problem?: CertificateProblem;
  /** It and those of its issuers that came with it. */
  readonly path: () => readonly X509Certificate[];
}

export interface CertificateProblem {
  /** The name is looked at last: where that is the fault, an authority vouches for all else. */
  readonly fault: "name" | "expired" | "other";
  /** "it has expired" */
  readonly words: string;
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
  // Declared an Error, it is a code unless `rejectUnauthorized` is asked for.
  return {
    sha256,
    path,
    problem: problemOf(error instanceof Error ? error.message : String(error)),
  };
}

/** OpenSSL's codes, and Node's for a name. */
const PROBLEMS: ReadonlyMap<string, CertificateProblem> = new Map([
  ["ERR_TLS_CERT_ALTNAME_INVALID", { fault: "name", words: "it is for another name" }],
  ["CERT_HAS_EXPIRED", { fault: "expired", words: "it, or one of its issuers, has expired" }],
  ["CERT_NOT_YET_VALID", { fault: "other", words: "it is not valid yet" }],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", { fault: "other", words: "it is self-signed" }],
  ["SELF_SIGNED_CERT_IN_CHAIN", { fault: "other", words: "its authority is not trusted here" }],
  ["UNABLE_TO_GET_ISSUER_CERT", { fault: "other", words: "an issuer is missing in its path" }],
  [
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    { fault: "other", words: "its authority is not known here" },
  ],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    { fault: "other", words: "its authority is not known here, and was not shown" },
  ],
]);

function problemOf(code: string): CertificateProblem {
  return PROBLEMS.get(code) ?? { fault: "other", words: code };
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

/** PEM of the authorities that sign for everybody: those that come with Node, and none that this machine's administrator has added. */
export function publicAuthorities(): readonly string[] {
  return getCACertificates("bundled");
}

let authorities: readonly string[] | undefined;

/** PEM of the authorities that come with Node, and of those that this machine's administrator trusts; read once. */
export function trustedAuthorities(): readonly string[] {
  authorities ??= [...getCACertificates("default"), ...getCACertificates("system")];
  return authorities;
}

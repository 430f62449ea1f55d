/** Whose certificate will do at the end of a route. */

export type CertificateTrust =
  /** Anybody's, or none: it keeps out who only listens. */
  | { readonly kind: "any" }
  /** One for the host's name that is vouched for: by these (PEM), or by those that the machine trusts. */
  | { readonly kind: "authority"; readonly authorities?: readonly string[] }
  /** This one, whatever it says; SHA-256 of its DER in lower hexadecimal digits. */
  | { readonly kind: "pin"; readonly sha256: string };

/** Equal where equal certificates are taken. */
export function trustKey(trust: CertificateTrust): string {
  switch (trust.kind) {
    case "any":
      return "any";
    case "authority":
      return ["authority", ...(trust.authorities ?? [])].join(" ");
    case "pin":
      return `pin ${trust.sha256}`;
  }
}

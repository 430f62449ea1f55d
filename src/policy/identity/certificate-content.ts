/**
 * What a certificate says beyond what Node shows of it: its extensions, read by a library that is loaded when somebody needs it.
 * Only what stands under an authority's signature is worth reading; the names alone are read of anybody's, for people.
 */
import type { NameConstraints } from "@peculiar/asn1-x509";

/** RFC 5280 §4.2, as plain values. */
export interface CertificateContent {
  /** Object identifiers of its extensions, as they stand; one that comes twice makes it unreadable. */
  readonly critical: readonly string[];
  /** subjectAltName: each dNSName as it stands. */
  readonly dnsNames: readonly string[];
  /** Kinds of other names in it: "iPAddress". */
  readonly otherNames: ReadonlySet<string>;
  /** keyUsage; absent where it says nothing about uses. */
  readonly keyUsage?: { readonly signs: boolean; readonly signsCertificates: boolean };
  /** extKeyUsage, object identifiers; absent where it says nothing about purposes. */
  readonly purposes?: readonly string[];
  /** pathLenConstraint. */
  readonly pathLength?: number;
  readonly nameConstraints?: NameConstraints;
  /** Hash of the signature over it, where that is RSASSA-PSS: an object identifier. */
  readonly pssHash?: string;
}

export interface CertificateReader {
  /** Undefined where it cannot be read; never throws, whatever it is given. */
  read(der: Uint8Array): CertificateContent | undefined;
}

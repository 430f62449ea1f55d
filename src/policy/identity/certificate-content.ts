/**
 * What a certificate says beyond what Node shows of it: its extensions (RFC 5280 §4.2) as plain values. They are read by a
 * library that is loaded where it is needed, for a server starts without. It reads laxly, so what is decided on it stands under
 * the signature of an authority that is trusted; of anybody else's certificate only the names are shown.
 */
import type * as Schema from "@peculiar/asn1-schema";
import type * as Asn1 from "@peculiar/asn1-x509";

export interface CertificateContent {
  /** Object identifiers of the extensions that must not be passed over. */
  readonly critical: readonly string[];
  /** Each dNSName of subjectAltName, as it stands. */
  readonly dnsNames: readonly string[];
  /** What kinds of names are in subjectAltName. */
  readonly nameKinds: ReadonlySet<NameKind>;
  /** Absent where it is for any use. */
  readonly keyUsage?: { readonly digitalSignature: boolean; readonly keyCertSign: boolean };
  /** extKeyUsage, as object identifiers; absent where it is for any purpose. */
  readonly purposes?: readonly string[];
  /** How many authorities may stand between this one and the certificate at the end. */
  readonly pathLength?: number;
  readonly nameConstraints?: NameConstraints;
}

export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

export interface Subtree {
  readonly kind: NameKind;
  /** Where it is a dNSName. */
  readonly dnsName?: string;
  /** Of any depth, as RFC 5280 §4.2.1.10 wants it. */
  readonly ofAnyDepth: boolean;
}

const NAME_KINDS = [
  "otherName",
  "rfc822Name",
  "dNSName",
  "x400Address",
  "directoryName",
  "ediPartyName",
  "uniformResourceIdentifier",
  "iPAddress",
  "registeredID",
] as const;

export type NameKind = (typeof NAME_KINDS)[number];

export interface CertificateReader {
  /** DER in. Undefined where it cannot be read, has an extension twice (RFC 5280 §4.2) or is of a version that has none (§4.1.2.1); never throws. */
  read(der: Uint8Array): CertificateContent | undefined;
}

export async function loadCertificateReader(): Promise<CertificateReader> {
  const [schema, asn1] = await Promise.all([
    import("@peculiar/asn1-schema"),
    import("@peculiar/asn1-x509"),
  ]);
  const extensions = new ExtensionReader(schema, asn1);
  return {
    read: (der) => {
      try {
        return extensions.read(der);
      } catch {
        return undefined; // whoever wrote it may have written anything
      }
    },
  };
}

class ExtensionReader {
  readonly #schema: typeof Schema;
  readonly #asn1: typeof Asn1;

  constructor(schema: typeof Schema, asn1: typeof Asn1) {
    this.#schema = schema;
    this.#asn1 = asn1;
  }

  read(der: Uint8Array): CertificateContent | undefined {
    const asn1 = this.#asn1;
    const { tbsCertificate } = this.#schema.AsnConvert.parse(der, asn1.Certificate);
    const all = [...(tbsCertificate.extensions ?? [])];
    const found = new Map(all.map((one) => [one.extnID, one]));
    if (found.size < all.length) return undefined;
    if (all.length > 0 && tbsCertificate.version !== asn1.Version.v3) return undefined;
    const parsed = <T>(id: string, type: new () => T): T | undefined => {
      const extension = found.get(id);
      return extension && this.#schema.AsnConvert.parse(extension.extnValue, type);
    };
    const names = [...(parsed(asn1.id_ce_subjectAltName, asn1.SubjectAlternativeName) ?? [])];
    const usage = parsed(asn1.id_ce_keyUsage, asn1.KeyUsage)?.toJSON();
    const purposes = parsed(asn1.id_ce_extKeyUsage, asn1.ExtendedKeyUsage);
    const { pathLenConstraint } = parsed(asn1.id_ce_basicConstraints, asn1.BasicConstraints) ?? {};
    const constraints = parsed(asn1.id_ce_nameConstraints, asn1.NameConstraints);
    return {
      critical: all.filter(({ critical }) => critical).map(({ extnID }) => extnID),
      dnsNames: names.map(({ dNSName }) => dNSName).filter((name) => name !== undefined),
      nameKinds: new Set(names.map(kindOf)),
      ...(usage !== undefined && {
        keyUsage: {
          digitalSignature: usage.includes("digitalSignature"),
          keyCertSign: usage.includes("keyCertSign"),
        },
      }),
      ...(purposes !== undefined && { purposes: [...purposes] }),
      ...(pathLenConstraint !== undefined && { pathLength: pathLenConstraint }),
      ...(constraints !== undefined && {
        nameConstraints: {
          permitted: [...(constraints.permittedSubtrees ?? [])].map(subtreeOf),
          excluded: [...(constraints.excludedSubtrees ?? [])].map(subtreeOf),
        },
      }),
    };
  }
}

function kindOf(name: Asn1.GeneralName): NameKind {
  const kind = NAME_KINDS.find((one) => name[one] !== undefined);
  if (kind === undefined) throw new Error("a name of no kind");
  return kind;
}

function subtreeOf({ base, minimum, maximum }: Asn1.GeneralSubtree): Subtree {
  return {
    kind: kindOf(base),
    ...(base.dNSName !== undefined && { dnsName: base.dNSName }),
    ofAnyDepth: minimum === 0 && maximum === undefined,
  };
}

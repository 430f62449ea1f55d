/**
 * Certificates of any shape, good or not: whatever an authority could sign or a stranger invent. A builder that has nobody's
 * scruples; what is left out of a wish is as a good certificate has it.
 */
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as asn1 from "@peculiar/asn1-x509";

export const NOW = Date.now();
export const DAY_MS = 86_400_000;

export const SERVER = asn1.id_kp_serverAuth;
export const CLIENT = asn1.id_kp_clientAuth;
export const CODE = asn1.id_kp_codeSigning;
export const ANY = asn1.anyExtendedKeyUsage;

type Hash = "sha256" | "sha1" | "md5";
type KeyKind = "ec" | "rsa" | "rsa-1024" | "ed25519" | "secp256k1";

export interface Wish {
  /** Common name; "" is an empty subject. */
  readonly subject?: string;
  /** dNSNames; none: no subjectAltName. */
  readonly names?: readonly string[];
  /** Names of other kinds in it. */
  readonly otherNames?: readonly asn1.GeneralName[];
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** keyUsage; "none" leaves the extension out. */
  readonly usage?: number | "none";
  /** extKeyUsage; none: it is left out. */
  readonly purposes?: readonly string[];
  readonly constraints?: asn1.NameConstraints;
  /** Any others. */
  readonly extensions?: readonly asn1.Extension[];
  /** Days from now on, until when. */
  readonly from?: number;
  readonly until?: number;
  readonly kind?: KeyKind;
  readonly keys?: Keys;
  readonly hash?: Hash;
  /** What stands beside the signature, where it is not what was signed. */
  readonly outerHash?: Hash;
  readonly serial?: Uint8Array<ArrayBuffer>;
  readonly version?: asn1.Version;
  /** Of basicConstraints; "none" leaves the extension out. */
  readonly basic?: "not critical" | "none";
  /** Left out: it signs itself. */
  readonly by?: Issued;
  /** The signature is by this key, whoever stands there as the issuer. */
  readonly forgedBy?: KeyObject;
}

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Issued {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly x509: X509Certificate;
  readonly keys: Keys;
  readonly name: asn1.Name;
}

let serial = 1;

export function issue(wish: Wish = {}): Issued {
  const { ca = false, subject = ca ? "Authority" : "mx.peer.example", hash = "sha256" } = wish;
  const keys = wish.keys ?? keysOf(wish.kind);
  const name = nameOf(subject);
  const signer = wish.forgedBy ?? wish.by?.keys.privateKey ?? keys.privateKey;
  const algorithm = algorithmOf(signer, hash);
  const tbsCertificate = new asn1.TBSCertificate({
    version: wish.version ?? asn1.Version.v3,
    serialNumber: (wish.serial ?? Uint8Array.of(1, ++serial >> 8, serial)).buffer,
    signature: algorithm,
    issuer: wish.by?.name ?? name,
    subject: name,
    validity: new asn1.Validity({
      notBefore: new Date(NOW + (wish.from ?? -10) * DAY_MS),
      notAfter: new Date(NOW + (wish.until ?? 10) * DAY_MS),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(
      keys.publicKey.export({ type: "spki", format: "der" }),
      asn1.SubjectPublicKeyInfo,
    ),
    extensions: new asn1.Extensions(extensionsOf(wish, ca)),
  });
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const signature = sign(hashFor(signer, hash), signed, signer);
  const signatureValue = Uint8Array.from(signature).buffer;
  const certificate = new asn1.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithmOf(signer, wish.outerHash ?? hash),
    signatureValue,
  });
  const der = Buffer.from(AsnConvert.serialize(certificate));
  const x509 = new X509Certificate(der);
  return { der, pem: x509.toString(), x509, keys, name };
}

export function keysOf(kind: KeyKind = "ec"): Keys {
  switch (kind) {
    case "ec":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "secp256k1":
      return generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    case "rsa":
      return generateKeyPairSync("rsa", { modulusLength: 2048 });
    case "rsa-1024":
      return generateKeyPairSync("rsa", { modulusLength: 1024 });
    case "ed25519":
      return generateKeyPairSync("ed25519");
  }
}

export function extension(id: string, critical: boolean, value: unknown = null): asn1.Extension {
  const octets = value === null ? Uint8Array.of(5, 0).buffer : AsnConvert.serialize(value);
  return new asn1.Extension({ extnID: id, critical, extnValue: new OctetString(octets) });
}

export function ip(address: string): asn1.GeneralName {
  return new asn1.GeneralName({ iPAddress: address });
}

/** Trees of dNSNames, or of whatever names these are. */
export function constraints(
  permitted: readonly (string | asn1.GeneralName)[],
  excluded: readonly (string | asn1.GeneralName)[] = [],
): asn1.NameConstraints {
  return new asn1.NameConstraints({
    ...(permitted.length > 0 && { permittedSubtrees: trees(permitted) }),
    ...(excluded.length > 0 && { excludedSubtrees: trees(excluded) }),
  });
}

function trees(names: readonly (string | asn1.GeneralName)[]): asn1.GeneralSubtrees {
  return new asn1.GeneralSubtrees(
    names.map((name) => {
      const base = typeof name === "string" ? new asn1.GeneralName({ dNSName: name }) : name;
      return new asn1.GeneralSubtree({ base });
    }),
  );
}

export function nameOf(commonName: string): asn1.Name {
  if (commonName === "") return new asn1.Name();
  const value = new asn1.AttributeValue({ utf8String: commonName });
  const attribute = new asn1.AttributeTypeAndValue({ type: "2.5.4.3", value });
  return new asn1.Name([new asn1.RelativeDistinguishedName([attribute])]);
}

function extensionsOf(wish: Wish, ca: boolean): asn1.Extension[] {
  const { names = ca ? [] : ["mx.peer.example"], otherNames = [], purposes = [] } = wish;
  const { KeyUsageFlags: flags } = asn1;
  const usage = wish.usage ?? (ca ? flags.keyCertSign : flags.digitalSignature);
  const all = [...names.map((dNSName) => new asn1.GeneralName({ dNSName })), ...otherNames];
  const { pathLength } = wish;
  const basic = new asn1.BasicConstraints({
    cA: ca,
    ...(pathLength !== undefined && { pathLenConstraint: pathLength }),
  });
  return [
    ...(wish.basic === "none"
      ? []
      : [extension(asn1.id_ce_basicConstraints, wish.basic === undefined, basic)]),
    ...(usage === "none" ? [] : [extension(asn1.id_ce_keyUsage, true, new asn1.KeyUsage(usage))]),
    ...(all.length === 0
      ? []
      : [extension(asn1.id_ce_subjectAltName, false, new asn1.SubjectAlternativeName(all))]),
    ...(purposes.length === 0
      ? []
      : [extension(asn1.id_ce_extKeyUsage, false, new asn1.ExtendedKeyUsage([...purposes]))]),
    ...(wish.constraints === undefined
      ? []
      : [extension(asn1.id_ce_nameConstraints, true, wish.constraints)]),
    ...(wish.extensions ?? []),
  ];
}

const RSA: Readonly<Record<Hash, string>> = {
  sha256: "1.2.840.113549.1.1.11",
  sha1: "1.2.840.113549.1.1.5",
  md5: "1.2.840.113549.1.1.4",
};
const ECDSA: Readonly<Record<Hash, string>> = {
  sha256: "1.2.840.10045.4.3.2",
  sha1: "1.2.840.10045.4.1",
  md5: "none",
};

function algorithmOf({ asymmetricKeyType }: KeyObject, hash: Hash): asn1.AlgorithmIdentifier {
  switch (asymmetricKeyType) {
    case "rsa":
      return new asn1.AlgorithmIdentifier({ algorithm: RSA[hash], parameters: null });
    case "ec":
      return new asn1.AlgorithmIdentifier({ algorithm: ECDSA[hash] });
    default:
      return new asn1.AlgorithmIdentifier({ algorithm: "1.3.101.112" });
  }
}

function hashFor({ asymmetricKeyType }: KeyObject, hash: Hash): string | null {
  return asymmetricKeyType === "ed25519" ? null : hash;
}

/**
 * What RFC 5280 §6 asks of a path beyond signatures and times: what each certificate is for, how long the path may be, which
 * names may stand at its end; and keys and signatures that nobody can forge today. A path that says anything which is not
 * understood here is none. The first certificate is the client's own, the last one is the authority that is trusted.
 */
import type { X509Certificate } from "node:crypto";
import type { CertificateContent, CertificateReader } from "./certificate-content.ts";
import { certifiedNames } from "./certificate-names.ts";
import { called, keyOf } from "./certificate-path.ts";
import { constraintFault } from "./name-constraints.ts";

interface Link {
  readonly certificate: X509Certificate;
  readonly content: CertificateContent;
}

type Rule = (path: readonly Link[]) => string | undefined;

/** What is wrong with it first; undefined where all is well. */
export function pathFault(
  path: readonly X509Certificate[],
  reader: CertificateReader,
): string | undefined {
  const links: Link[] = [];
  for (const [i, certificate] of path.entries()) {
    const content = reader.read(certificate.raw);
    if (content === undefined) return `${called(i)} cannot be read, or says something twice`;
    links.push({ certificate, content });
  }
  for (const rule of RULES) {
    const fault = rule(links);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Of each certificate by itself. */
function each(fault: (link: Link, position: number, last: number) => string | undefined): Rule {
  return (path) => {
    for (const [i, link] of path.entries()) {
      const found = fault(link, i, path.length - 1);
      if (found !== undefined) return `${called(i)} ${found}`;
    }
    return undefined;
  };
}

/** RFC 5280 §4.2: basicConstraints, keyUsage, extKeyUsage, subjectAltName, nameConstraints. */
const UNDERSTOOD = new Set(["2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.30"]);

const criticalExtensions = each(({ content }) => {
  const unknown = content.critical.find((id) => !UNDERSTOOD.has(id));
  return unknown && `has a critical extension that is not understood here (${unknown})`;
});

const RSA_BITS_LEAST = 2048;
const CURVES = new Set(["prime256v1", "secp384r1", "secp521r1"]);

const keys = each(({ certificate }) => {
  const key = keyOf(certificate);
  const { modulusLength = 0, namedCurve = "" } = key?.asymmetricKeyDetails ?? {};
  switch (key?.asymmetricKeyType) {
    case "rsa":
      return modulusLength < RSA_BITS_LEAST ? `has an RSA key of ${modulusLength} bits` : undefined;
    case "ec":
      return CURVES.has(namedCurve) ? undefined : "has a key on a curve that is not used here";
    case "ed25519":
    case "ed448":
      return undefined;
    default:
      return "has a key of a kind that is not used here";
  }
});

/** With SHA-256, -384 and -512: RSA (PKCS #1 v1.5), ECDSA; Ed25519, Ed448. PSS names its hash in a place of its own. */
const SIGNATURES = new Set([
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.10045.4.3.4",
  "1.3.101.112",
  "1.3.101.113",
]);

/** What the authority says of itself proves nothing, so neither how. */
const signatures = each(({ certificate }, position, last) => {
  const { signatureAlgorithm: name, signatureAlgorithmOid: id } = certificate;
  return position === last || SIGNATURES.has(id)
    ? undefined
    : `is signed in a way that is not good enough, or not known here (${name ?? id})`;
});

/** RFC 5280 §4.2.1.3; the client has signed its part of the handshake. That issuers are authorities has been looked at. */
const uses = each(({ certificate, content: { keyUsage } }, position) => {
  if (position === 0 && certificate.ca) return "is an authority's own";
  if (keyUsage === undefined) return undefined;
  if (position === 0)
    return keyUsage.digitalSignature
      ? undefined
      : "is not for signatures (keyUsage without digitalSignature)";
  return keyUsage.keyCertSign
    ? undefined
    : "may not sign certificates (keyUsage without keyCertSign)";
});

const ANY_PURPOSE = "2.5.29.37.0";

/** Public authorities issue for servers alone since 2026, and a mail server that sends is a server. */
const PURPOSES = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;

/** An authority with purposes gives no others away; it must be one and the same along the path. */
const purposes: Rule = (path) => {
  let left = Object.values<string>(PURPOSES);
  for (const [i, { content }] of path.entries()) {
    const named = content.purposes;
    if (named === undefined || named.includes(ANY_PURPOSE)) continue;
    left = left.filter((purpose) => named.includes(purpose));
    if (left.length === 0)
      return `${called(i)} is for other purposes (extKeyUsage with neither serverAuth nor clientAuth, or not the one of those before it)`;
  }
  return undefined;
};

/** RFC 5280 §4.2.1.9: one that has issued itself a new certificate is not counted. */
const lengths: Rule = (path) => {
  for (const [i, { content }] of path.entries()) {
    const between = path
      .slice(1, i)
      .filter(({ certificate: { subject, issuer } }) => subject !== issuer).length;
    if (content.pathLength !== undefined && between > content.pathLength)
      return `${called(i)} allows ${content.pathLength} authorities below it (pathLenConstraint), and there are ${between}`;
  }
  return undefined;
};

const constraints: Rule = (path) => {
  for (const [i, { content }] of path.entries()) {
    const { nameConstraints } = content;
    if (nameConstraints === undefined) continue;
    if (i === 0) return "its certificate has nameConstraints, which are an authority's";
    for (const [j, below] of path.slice(0, i).entries()) {
      const hasSubject = below.certificate.subject !== "";
      const fault = constraintFault(nameConstraints, below.content, hasSubject);
      if (fault === "outside")
        return `${called(i)} may not vouch for the names in ${called(j)} (nameConstraints)`;
      if (fault === "not judged")
        return `${called(i)} has constraints on names that are not judged here (nameConstraints)`;
    }
  }
  return undefined;
};

const bearsName: Rule = ([own]) => {
  const { names, wildcards } = certifiedNames(own?.content.dnsNames ?? []);
  return names.length + wildcards.length > 0
    ? undefined
    : "its certificate is for no domain (no dNSName in subjectAltName)";
};

const RULES: readonly Rule[] = [
  criticalExtensions,
  keys,
  signatures,
  uses,
  purposes,
  lengths,
  constraints,
  bearsName,
];

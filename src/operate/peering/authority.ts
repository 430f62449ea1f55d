/**
 * A small private authority of the site, and the certificates that it makes for peers and for users' programs. It opens nothing: they are
 * entered by their keys, so whoever takes the authority's key has gained no right here. It is there so that a certificate has an issuer, which
 * some programs expect.
 */
import { webcrypto, X509Certificate } from "node:crypto";
import type { Domain } from "../../mail/index.ts";
import { keyDigest } from "../../policy/identity/index.ts";
import type { PeerAuthority } from "../../store/index.ts";

export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PKCS#8, PEM. */
  readonly key: string;
  /** Of its public key, see `keyDigest`. */
  readonly pin: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

const DAY_MS = 86_400_000;

/** RFC 5280 §4.1.2.5: of a certificate without an end. */
const NO_END = new Date(Date.UTC(9999, 11, 31, 23, 59, 59));

export async function makePeerAuthority(hostname: Domain, now: number): Promise<PeerAuthority> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Clients of ${hostname}`,
    notBefore: new Date(now - DAY_MS),
    notAfter: NO_END,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true), // signs no other authorities
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: await privatePem(keys.privateKey),
  };
}

export interface CertificateWanted {
  /** Of whose it is; the subject's common name. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly days: number;
}

/** For a client, of a key that is made for it. */
export async function issueCertificate(
  { certificate, privateKey }: PeerAuthority,
  { name, now, days }: CertificateWanted,
): Promise<IssuedCertificate> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(certificate);
  const signingKey = await webcrypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(privateKey),
    ALGORITHM,
    false,
    ["sign"],
  );
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const expiresAt = now + days * DAY_MS;
  const issued = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }], // whatever characters are in it
    issuer: issuer.subjectName,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(expiresAt),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const pem = `${issued.toString("pem")}\n`;
  const key = await privatePem(keys.privateKey);
  const pin = keyDigest(new X509Certificate(pem));
  if (pin === undefined) throw new Error("a certificate that was just made cannot be read");
  return { certificate: pem, key, pin, expiresAt };
}

/** Loaded where it is needed, for a server that starts needs none of it; the library asks for this polyfill. */
async function library() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await library();
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

/** Certificates for tests: an authority, what it signs, and what nobody signs; valid or long over. */
import { webcrypto, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type * as X509 from "@peculiar/x509";

await import("reflect-metadata"); // the library asks for this polyfill
const x509 = await import("@peculiar/x509");

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

export interface Made {
  /** PEM; with those of a chain behind its own. */
  readonly certificate: string;
  readonly key: string;
  readonly x509: X509Certificate;
  readonly context: SecureContext;
}

export interface Wanted {
  readonly names?: readonly string[];
  readonly subject?: string;
  readonly expired?: boolean;
  /** Left out: it signs itself. */
  readonly by?: Authority;
}

export interface Authority {
  readonly pem: string;
  readonly x509: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: X509.X509Certificate;
}

let serial = 1;

/** Without `ca` it signs all the same, and says that it may not. */
export async function makeAuthority(
  name = "Test Root",
  by?: Authority,
  { ca = true, expired = false } = {},
): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await sign(`CN=${name}`, keys, by, expired, [
    new x509.BasicConstraintsExtension(ca, undefined, true),
    ...(ca ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)] : []),
  ]);
  const pem = `${certificate.toString("pem")}\n`;
  return { pem, x509: new X509Certificate(pem), keys, certificate };
}

export async function makeCertificate(wanted: Wanted = {}): Promise<Made> {
  const { names = ["mx.foreign.example"], expired = false, by } = wanted;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const made = await sign(`CN=${wanted.subject ?? names[0] ?? "none"}`, keys, by, expired, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...(names.length === 0
      ? []
      : [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$/.test(value) ? "ip" : "dns", value })),
          ),
        ]),
  ]);
  const own = `${made.toString("pem")}\n`;
  const certificate = by === undefined ? own : `${own}${by.pem}`;
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
  const context = createSecureContext({ cert: certificate, key });
  return { certificate, key, x509: new X509Certificate(own), context };
}

function sign(
  subject: string,
  keys: webcrypto.CryptoKeyPair,
  by: Authority | undefined,
  expired: boolean,
  extensions: X509.Extension[],
): Promise<X509.X509Certificate> {
  const now = Date.now();
  return x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(4, "0"),
    subject,
    issuer: by?.certificate.subject ?? subject,
    notBefore: new Date(now - 10 * DAY_MS),
    notAfter: new Date(now + (expired ? -DAY_MS : 10 * DAY_MS)),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: (by?.keys ?? keys).privateKey,
    extensions,
  });
}

export function fingerprint({
  x509: { fingerprint256 },
}: {
  readonly x509: X509Certificate;
}): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

/** A key and a certificate that vouch for nobody: enough to encrypt from the first minute on. */
import { webcrypto } from "node:crypto";
import type { SecureContext } from "node:tls";
import { contextOf } from "./tls-context.ts";

export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}

const LIFETIME_DAYS = 3650;
const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** For a server that is there only for a while: the pair is in memory alone. `now`: milliseconds since 1970. */
export async function selfSignedContext(hostname: string, now: number): Promise<SecureContext> {
  const { certificate, key } = await makeSelfSigned(hostname, now);
  return contextOf({ cert: certificate, key });
}

/** ECDSA P-256, ten years from `now` (milliseconds since 1970), for this one host name. */
export async function makeSelfSigned(hostname: string, now: number): Promise<KeyPairPem> {
  // Loaded here, for a server that starts needs none of it; the library asks for this polyfill.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${hostname}`,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: hostname }]),
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}

/** A certificate for servers that are compared: the same kind for all, ECDSA P-256, as Gatepost's `init` makes one. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSelfSigned } from "../../src/net/index.ts";

/** PEM files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export async function makeCertificate(folder: string): Promise<Certificate> {
  const pair = await makeSelfSigned("mx.local.example", Date.now());
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  writeFileSync(certificate, pair.certificate);
  writeFileSync(key, pair.key, { mode: 0o600 });
  return { certificate, key };
}

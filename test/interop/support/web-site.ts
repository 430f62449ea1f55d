/** A site whose certificates an authority of the test has signed, one for mail and one for the names of its web. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority, makeCertificate, type Made } from "../../support/certificates.ts";
import { startSite, temporaryDirectory, type Site } from "./site.ts";

export interface WebSite extends Site {
  /** PEM file of the authority. */
  readonly ca: string;
}

export const WEB_NAMES = ["mta-sts.local.example", "autoconfig.local.example", "local.example"];

/** `more`: settings besides those of the certificates. */
export async function startWebSite(...more: readonly string[]): Promise<WebSite> {
  const directory = temporaryDirectory();
  const by = await makeAuthority();
  const [mail, web] = await Promise.all([
    makeCertificate({ names: ["mx.local.example"], by }),
    makeCertificate({ names: WEB_NAMES, by }),
  ]);
  const write = (name: string, text: string): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const table = (name: string, { certificate, key }: Made): string =>
    `{ certificate = "${write(`${name}.pem`, certificate)}", key = "${write(`${name}-key.pem`, key)}" }`;
  const settings = [`tls=${table("mail", mail)}`, `tls.sni=[${table("web", web)}]`, ...more];
  return { ...(await startSite({ settings })), ca: write("ca.pem", by.pem) };
}

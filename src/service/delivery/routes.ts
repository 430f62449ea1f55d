/** Routes from the configuration, with the passwords and authorities that it keeps in files. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Domain } from "../../mail/index.ts";
import type {
  CertificateTrust,
  ClientCertificate,
  RelayRoute,
  RelayRoutes,
} from "../../policy/routing/index.ts";
import { errorText, OperatorError } from "../../runtime/index.ts";
import type {
  PasswordSetting,
  RouteSetting,
  RoutesSettings,
  TrustSetting,
} from "./route-settings.ts";

/** A password file is a line; octets. */
const FILE_OCTETS_LIMIT = 1024;

/** Octets of a file of authorities; those of a whole system are a quarter of it. */
const AUTHORITIES_OCTETS_LIMIT = 1024 * 1024;

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;

/** `path` makes a path of the configuration absolute. Throws an OperatorError for a file that cannot be used. */
export function openRoutes(
  settings: RoutesSettings,
  path: (relative: string) => string,
): RelayRoutes {
  const opened = [...settings].map(([domain, route]): [Domain | "*", RelayRoute] => [
    domain,
    openRoute(domain, route, path),
  ]);
  return new Map(opened);
}

function openRoute(
  domain: string,
  setting: RouteSetting,
  path: (relative: string) => string,
): RelayRoute {
  if ("socket" in setting) return setting;
  const { login, trust, clientCertificate, ...route } = setting;
  return {
    ...route,
    ...(login !== undefined && {
      login: { name: login.name, password: passwordOf(domain, login.password, path) },
    }),
    ...(trust !== undefined && { trust: trustIn(domain, trust, path) }),
    ...(clientCertificate !== undefined && {
      clientCertificate: ownCertificate(domain, clientCertificate, path),
    }),
  };
}

/** Read when the site starts and at each reload. */
function ownCertificate(
  domain: string,
  files: { readonly certificate: string; readonly key: string },
  path: (relative: string) => string,
): ClientCertificate {
  const where = `routes."${domain}"`;
  const certificateFile = path(files.certificate);
  const keyFile = path(files.key);
  const [own, ...chain] = certificatesIn(certificateFile, `${where}.certificate`);
  const key = readText(
    keyFile,
    `${where}.key`,
    AUTHORITIES_OCTETS_LIMIT,
    ownersOnly(`${where}.key`, keyFile),
  );
  if (own === undefined || !belongsTo(own, key))
    throw new OperatorError(
      `${where}: expected ${keyFile} to be the private key, in PEM, of the first certificate in ${certificateFile}`,
    );
  const sha256 = own.fingerprint256.replaceAll(":", "").toLowerCase();
  return { certificate: [own, ...chain].map(String).join(""), key, sha256 };
}

function belongsTo(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false; // it is no key
  }
}

function trustIn(
  domain: string,
  trust: TrustSetting,
  path: (relative: string) => string,
): CertificateTrust {
  switch (trust.kind) {
    case "any":
    case "pin":
      return trust;
    case "authority":
      return { kind: "authority" };
    case "authority file":
      return {
        kind: "authority",
        authorities: authoritiesIn(path(trust.file), `routes."${domain}".ca`),
      };
  }
}

function authoritiesIn(file: string, where: string): readonly string[] {
  return certificatesIn(file, where).map(String);
}

/** Each certificate of a PEM file; at least one. */
function certificatesIn(file: string, where: string): readonly X509Certificate[] {
  const text = readText(file, where, AUTHORITIES_OCTETS_LIMIT, () => undefined);
  const blocks = text.split("-----BEGIN CERTIFICATE-----").slice(1);
  if (blocks.length === 0) throw new OperatorError(`${where}: ${file} has no certificate in PEM`);
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(`-----BEGIN CERTIFICATE-----${block}`);
    } catch {
      throw new OperatorError(`${where}: certificate ${i + 1} of ${file} cannot be read`);
    }
  });
}

function passwordOf(
  domain: string,
  password: PasswordSetting,
  path: (relative: string) => string,
): string {
  if (password.kind === "text") return password.text;
  const file = path(password.file);
  const where = `routes."${domain}".password_file`;
  const text = readText(file, where, FILE_OCTETS_LIMIT, ownersOnly(where, file));
  const line = text.replace(/\r?\n$/, "");
  if (line === "" || /[\r\n\0]/.test(line))
    throw new OperatorError(`${where}: ${file} is not one line with a password`);
  return line;
}

/** A secret that anybody here can read is none. */
function ownersOnly(where: string, file: string): (mode: number) => void {
  return (mode) => {
    if ((mode & OTHERS) !== 0)
      throw new OperatorError(`${where}: ${file} can be read by others; chmod 600 it`);
  };
}

function readText(
  file: string,
  where: string,
  limit: number,
  admit: (mode: number) => void,
): string {
  try {
    const { mode, size } = statSync(file);
    admit(mode);
    if (size > limit) throw new OperatorError(`${where}: ${file} has more than ${limit} octets`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${where}: ${errorText(error)}`, { cause: error });
  }
}

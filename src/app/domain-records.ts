/** The DNS records of one of a site's domains: the facts they are made of, and a resolver to check them with. */
import { hash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config, LoadedConfig } from "../config/index.ts";
import { ipReach, parseDomain, type Domain, type Ip } from "../mail/index.ts";
import { certificateFor, machineFacts, openResolver } from "../net/index.ts";
import {
  checkRecords,
  CLIENT_SERVICES,
  type ClientService,
  type DomainFacts,
  type Finding,
  type SmartHost,
} from "../operate/doctor/index.ts";
import { errorText, OperatorError, systemClock, systemRandom } from "../runtime/index.ts";
import { publicKey } from "../service/signing/index.ts";
import type { Directory, DkimKeyEntry } from "../store/index.ts";
import { gatewayHosts } from "./gateways.ts";
import { plannedListeners } from "./listeners.ts";

const WEB_SERVICES = ["http", "https"] as const;

/** Throws an OperatorError where it is no domain of the directory, nor the tester's, or the certificate cannot be read. */
export function domainFacts(
  loaded: LoadedConfig,
  directory: Directory,
  name: string,
  addresses: readonly Ip[] = machineFacts().addresses,
): DomainFacts {
  const { config } = loaded;
  const { tls, tester } = config;
  const smartHost = smartHostOf(config);
  const forTests = parseDomain(name) === tester.domain ? tester.domain : undefined;
  const domain = forTests ?? ownDomain(directory, name);
  return {
    domain,
    hasMailboxes: forTests === undefined && !gatewayHosts(config).has(domain),
    ...(forTests !== undefined && { forTests: true as const }),
    hostname: config.hostname,
    addresses: addresses.filter((ip) => ipReach(ip) === "public"),
    ports: clientPorts(config),
    web: new Set(WEB_SERVICES.filter((service) => config.listen[service].length > 0)),
    mtaSts: config.mta_sts,
    dkimKeys: directory.dkimKeys(domain).map(publishedKey),
    validating: config.dns.trust_ad,
    ...(smartHost !== undefined && { smartHost }),
    ...(tls !== undefined && { certificateKey: keyShown(loaded, tls) }),
  };
}

/** Retired ones too: mail that they have signed may be on its way. */
function publishedKey(key: DkimKeyEntry): DomainFacts["dkimKeys"][number] {
  const { selector, algorithm } = key;
  return {
    selector,
    algorithm: algorithm === "ed25519" ? algorithm : "rsa",
    publicKey: publicKey(key),
  };
}

/** Asks the servers that delivery asks. */
export async function checkDomain(
  facts: DomainFacts,
  { config }: LoadedConfig,
): Promise<readonly Finding[]> {
  const resolver = openResolver(config.dns, { clock: systemClock, random: systemRandom });
  try {
    return await checkRecords(facts, resolver);
  } finally {
    resolver.close();
  }
}

function ownDomain(directory: Directory, name: string): Domain {
  const domain = parseDomain(name);
  if (domain !== undefined && directory.domains().some((own) => own.name === domain)) return domain;
  throw new OperatorError(`${name} is no domain of this site; \`gatepost domain list\` shows them`);
}

function smartHostOf({ routes }: Config): SmartHost | undefined {
  const route = routes.get("*");
  return route === undefined || "socket" in route ? undefined : route.host;
}

/** The first listener of each service with TLS: nobody should be led to one without. */
export function clientPorts(config: Config): ReadonlyMap<ClientService, number> {
  const ports = new Map<ClientService, number>();
  for (const service of CLIENT_SERVICES) {
    const listener = plannedListeners(config).find(
      (one) => one.service === service && (one.implicitTls || one.startTls) && one.port !== 0,
    );
    if (listener !== undefined) ports.set(service, listener.port);
  }
  return ports;
}

/** SHA-256 of the SubjectPublicKeyInfo (RFC 6698 §1.1.3) that is shown to those who ask for this server by its name. */
function keyShown(
  loaded: LoadedConfig,
  { certificate, sni }: NonNullable<Config["tls"]>,
): Uint8Array {
  const read = (file: string): Certificate => readCertificate(loaded.path(file));
  const certificates = [read(certificate), ...sni.map((one) => read(one.certificate))] as const;
  const { x509 } = certificateFor(loaded.config.hostname, certificates);
  const der = x509.publicKey.export({ type: "spki", format: "der" });
  return Uint8Array.from(hash("sha256", der, "buffer"));
}

interface Certificate {
  readonly x509: X509Certificate;
}

function readCertificate(file: string): Certificate {
  try {
    return { x509: new X509Certificate(readFileSync(file)) };
  } catch (error) {
    throw new OperatorError(`${file}: ${errorText(error)}; expected a certificate in PEM`);
  }
}

/** What the records of a domain are made of: the site as it is. Whoever knows it (app) hands it in. */
import type { Domain, Ip } from "../../mail/index.ts";
import type { MtaStsSettings } from "./settings.ts";

/** Services for mail programs, by the names that RFC 6186 and RFC 8314 give them. */
export const CLIENT_SERVICES = ["submissions", "submission", "pop3s", "pop3"] as const;

export type ClientService = (typeof CLIENT_SERVICES)[number];

export type WebService = "http" | "https";

export interface DomainFacts {
  readonly domain: Domain;
  /** Its mailboxes are here. Where they are elsewhere, nobody here knows how its mail programs fetch and send. */
  readonly hasMailboxes: boolean;
  /** Relay tests come back there, and nothing else; absent: it is a domain for mail. */
  readonly forTests?: true;
  /** The server's own name, the one that MX records point to. */
  readonly hostname: Domain;
  /** Public ones of this machine; none where it has only private ones (NAT) or they are not known. */
  readonly addresses: readonly Ip[];
  /** Where all mail for other domains is handed to, when it does not leave from here. */
  readonly smartHost?: SmartHost;
  /** Ports of services that are open and offer TLS. */
  readonly ports: ReadonlyMap<ClientService, number>;
  /** Those of the web that are open. */
  readonly web: ReadonlySet<WebService>;
  readonly mtaSts: MtaStsSettings;
  /** Keys that sign the domain's mail, old ones of a rotation included. */
  readonly dkimKeys: readonly DkimKey[];
  /** SHA-256 of the certificate's SubjectPublicKeyInfo; absent where there is no TLS. */
  readonly certificateKey?: Uint8Array;
  /** The resolver tells what DNSSEC has validated, and is believed. */
  readonly validating?: boolean;
}

export type SmartHost =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "address"; readonly ip: Ip };

export interface DkimKey {
  /** The label in front of `_domainkey`. */
  readonly selector: string;
  readonly algorithm: "rsa" | "ed25519";
  /** In base64: DER of the SubjectPublicKeyInfo for RSA (RFC 6376 §3.6.1), the 32 octets for Ed25519 (RFC 8463 §4). */
  readonly publicKey: string;
}

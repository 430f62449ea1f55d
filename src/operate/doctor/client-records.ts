/** How mail programs find the server: SRV records (RFC 6186, RFC 8314 §5.1), and names for automatic set-up. */
import { nameOfDomain, ROOT, type DnsName } from "../../protocol/dns/index.ts";
import { CLIENT_SERVICES, type ClientService, type DomainFacts } from "./facts.ts";
import { below, type Publication } from "./publication.ts";

/** Gatepost has no IMAP; saying so keeps programs from guessing. */
const NEVER_HERE = ["imaps", "imap"] as const;

type NamedService = ClientService | (typeof NEVER_HERE)[number];

const WORDS: Readonly<Record<NamedService, string>> = {
  submissions: "sending, TLS from the first octet",
  submission: "sending, STARTTLS",
  pop3s: "fetching by POP3, TLS from the first octet",
  pop3: "fetching by POP3, STLS",
  imaps: "IMAP, TLS from the first octet",
  imap: "IMAP",
};

/** A program prefers the lower: TLS from the first octet before STARTTLS (RFC 8314 §3). */
const PRIORITIES: Readonly<Record<ClientService, number>> = {
  submissions: 0,
  submission: 10,
  pop3s: 0,
  pop3: 10,
};

export function clientRecords(facts: DomainFacts): readonly Publication[] {
  if (!facts.hasMailboxes) return [];
  return [
    ...CLIENT_SERVICES.flatMap((service) => {
      const port = facts.ports.get(service);
      return port === undefined ? absent(facts, service) : present(facts, service, port);
    }),
    ...NEVER_HERE.flatMap((service) => absent(facts, service)),
    ...setUp(facts),
  ];
}

function present(
  { domain, hostname }: DomainFacts,
  service: ClientService,
  port: number,
): readonly Publication[] {
  const name = below(domain, `_${service}`, "_tcp");
  const target = nameOfDomain(hostname);
  const record = { priority: PRIORITIES[service], weight: 1, port, target };
  return serviceRecord(name, record, "needed", `Mail programs: ${WORDS[service]}.`);
}

/** RFC 2782: a target "." says that there is no such service. */
function absent({ domain }: DomainFacts, service: NamedService): readonly Publication[] {
  const name = below(domain, `_${service}`, "_tcp");
  const record = { priority: 0, weight: 0, port: 0, target: ROOT };
  return serviceRecord(name, record, "optional", `Not offered here: ${WORDS[service]}.`);
}

function serviceRecord(
  name: DnsName | undefined,
  record: Extract<Publication, { type: "SRV" }>["records"][number],
  standing: "needed" | "optional",
  comment: string,
): readonly Publication[] {
  if (name === undefined) return [];
  return [{ type: "SRV", purpose: "service", name, records: [record], standing, comment }];
}

/** Where Thunderbird and others ask first; by HTTP if not by HTTPS. */
function setUp(facts: DomainFacts): readonly Publication[] {
  const name = below(facts.domain, "autoconfig");
  if (name === undefined) return [];
  const isServed = facts.web.size > 0 && canSetUp(facts.ports);
  return [
    {
      type: "CNAME",
      purpose: "alias",
      name,
      records: [nameOfDomain(facts.hostname)],
      standing: isServed ? "optional" : "later",
      comment: isServed
        ? `Mail programs set themselves up by what is served at ${name}; by HTTPS, if a certificate has this name.`
        : "Automatic set-up of mail programs, once this site has a listener for it (settings listen.http, listen.https), and listeners to fetch and to send mail by.",
    },
  ];
}

/** A mail program wants to fetch and to send. */
export function canSetUp(ports: DomainFacts["ports"]): boolean {
  const has = (service: ClientService): boolean => ports.has(service);
  return (has("pop3s") || has("pop3")) && (has("submissions") || has("submission"));
}

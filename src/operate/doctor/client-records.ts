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
  return [
    ...CLIENT_SERVICES.flatMap((service) => {
      const port = facts.ports.get(service);
      return port === undefined ? absent(facts, service) : present(facts, service, port);
    }),
    ...NEVER_HERE.flatMap((service) => absent(facts, service)),
    ...["autoconfig", "autodiscover"].flatMap((label) => setUp(facts, label)),
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

function setUp({ domain, hostname }: DomainFacts, label: string): readonly Publication[] {
  const name = below(domain, label);
  if (name === undefined) return [];
  return [
    {
      type: "CNAME",
      purpose: "alias",
      name,
      records: [nameOfDomain(hostname)],
      standing: "later",
      comment: `Automatic set-up of mail programs, once a web server answers for https://${name}/.`,
    },
  ];
}

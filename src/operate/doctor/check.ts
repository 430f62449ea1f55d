/** Asks the DNS for each record of a domain, and for the names of the server's addresses; all at once, in the order of the list. */
import type { Ip } from "../../mail/index.ts";
import {
  nameOfDomain,
  type DnsName,
  type Found,
  type RecordType,
  type Resolution,
  type Resolver,
} from "../../protocol/dns/index.ts";
import type { DomainFacts } from "./facts.ts";
import { failureText, unknown, wrong, type Finding, type Judgement } from "./finding.ts";
import {
  judgeAddresses,
  judgeAlias,
  judgeAssociations,
  judgeExchanges,
  judgeServices,
} from "./judge-sets.ts";
import { judgeText, textsOfKind } from "./judge-texts.ts";
import { dataTexts, mxText, nameText, quoted, srvText, tlsaText } from "./presentation.ts";
import type { Publication, PublicationData, TextPublication } from "./publication.ts";
import { recordsOf } from "./records.ts";
import { inheritedPolicy } from "./inherited-policy.ts";
import { checkReverse } from "./reverse.ts";

export async function checkRecords(
  facts: DomainFacts,
  resolver: Resolver,
): Promise<readonly Finding[]> {
  const sets = recordsOf(facts).map((publication) => checkSet(publication, facts, resolver));
  const [findings, reverse] = await Promise.all([Promise.all(sets), checkReverse(facts, resolver)]);
  return [...findings, ...reverse];
}

async function checkSet(
  publication: Publication,
  facts: DomainFacts,
  resolver: Resolver,
): Promise<Finding> {
  const { judgement, found } = await judged(publication, facts, resolver);
  return { subject: subjectOf(publication), wanted: dataTexts(publication), found, ...judgement };
}

/** Several sets of TXT may stand at one name. */
function subjectOf({ name, type, purpose }: Publication): string {
  return `${nameText(name)} ${type}${type === "TXT" ? ` (${purpose})` : ""}`;
}

interface Judged {
  readonly judgement: Judgement;
  readonly found: readonly string[];
}

async function judged(
  publication: Publication,
  facts: DomainFacts,
  resolver: Resolver,
): Promise<Judged> {
  const { name } = publication;
  switch (publication.type) {
    case "MX":
      return overFound(publication, await resolver.resolve(name, "MX"), ({ records }) => ({
        judgement: judgeExchanges(records, publication.records),
        found: records.map(mxText),
      }));
    case "A":
    case "AAAA":
      return overFound(publication, await resolver.resolve(name, publication.type), (there) => ({
        judgement: judgeHost(there, publication),
        found: there.records,
      }));
    case "TXT":
      return judgedText(publication, facts, resolver);
    case "TLSA":
      return overFound(publication, await resolver.resolve(name, "TLSA"), (there) => ({
        judgement: judgeAssociations(
          there.records,
          publication.records,
          there.authentic || facts.validating !== true,
        ),
        found: there.records.map(tlsaText),
      }));
    case "SRV":
      return overFound(publication, await resolver.resolve(name, "SRV"), ({ records }) => ({
        judgement: judgeServices(records, publication.records),
        found: records.map(srvText),
      }));
    case "CNAME": // asked by what it is for: whether the name leads to an address
      return overFound(publication, await resolver.resolve(name, "A"), (there) => ({
        judgement: judgeAlias(there.name, publication.records),
        found: there.records,
      }));
  }
}

/** RFC 2181 §10.3: the name in an MX record has addresses, and is no alias. */
function judgeHost(
  there: Found<"A" | "AAAA">,
  { name, records }: Extract<Publication, { type: "A" | "AAAA" }>,
): Judgement {
  if (there.name !== name)
    return wrong(`the name is an alias (CNAME) of ${nameText(there.name)}; MX may not lead to one`);
  return judgeAddresses(there.records, records);
}

async function judgedText(
  publication: Publication & TextPublication,
  facts: DomainFacts,
  resolver: Resolver,
): Promise<Judged> {
  const { name, purpose } = publication;
  const host = nameOfDomain(facts.hostname);
  const [there, addresses, isExchange] = await Promise.all([
    resolver.resolve(name, "TXT"),
    purpose === "spf" ? addressesOf(facts, resolver) : [],
    purpose === "spf" ? isExchangeOf(host, name, resolver) : undefined,
  ]);
  const own = overFound(publication, there, (found) => {
    const texts = textsOfKind(purpose, found.records.map(latin1));
    if (texts.length === 0) return absent(publication);
    const judgement = judgeText(publication, texts, {
      at: name,
      hostname: host,
      isExchange,
      addresses,
      byOtherHost: facts.smartHost !== undefined,
    });
    return { judgement, found: texts.map(quoted) };
  });
  if (purpose !== "dmarc" || own.judgement.verdict !== "missing") return own;
  const inherited = await inheritedPolicy(nameOfDomain(facts.domain), resolver);
  return inherited === undefined ? own : { judgement: inherited, found: [] };
}

/** Those that the host has in the DNS, where this machine does not know its own. */
async function addressesOf(
  { hostname, addresses }: DomainFacts,
  resolver: Resolver,
): Promise<readonly Ip[]> {
  if (addresses.length > 0) return addresses;
  const there = await resolver.resolve(nameOfDomain(hostname), "A");
  return there.kind === "found" ? there.records : [];
}

/** Whether mail for the name comes to the host. */
async function isExchangeOf(
  host: DnsName,
  name: DnsName,
  resolver: Resolver,
): Promise<boolean | undefined> {
  const there = await resolver.resolve(name, "MX");
  if (there.kind === "failed") return undefined;
  return there.kind === "found" && there.records.some(({ exchange }) => exchange === host);
}

function overFound<Type extends RecordType>(
  publication: Publication,
  resolution: Resolution<Type>,
  judge: (found: Found<Type>) => Judged,
): Judged {
  switch (resolution.kind) {
    case "found":
      return judge(resolution);
    case "no-such-name":
    case "no-data":
      return absent(publication);
    case "failed":
      return { judgement: unknown(failureText(resolution.why)), found: [] };
  }
}

function absent({ standing }: Publication & PublicationData): Judged {
  return { judgement: { verdict: standing === "needed" ? "missing" : "left out" }, found: [] };
}

function latin1(octets: Uint8Array): string {
  return new TextDecoder("latin1").decode(octets);
}

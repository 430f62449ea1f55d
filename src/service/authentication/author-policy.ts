/**
 * DMARC (RFC 9989) of a message, whoever and how many its authors are. Promises: a second author, a second From field or a server
 * that is slow on purpose makes nothing better than it would be without: of several domains the strictest one counts.
 */
import type { DMARCResult, SPFResult } from "mailauth";
import { asked, type Lookups } from "./lookups.ts";
import { mailauth } from "./mailauth.ts";

/** What a domain wants done with mail that is not its own, as it applies here (`sp`, `np` and `t` are worked in). */
export type Policy = "none" | "quarantine" | "reject";

export interface AuthorPolicy {
  /** "permerror": nobody can say who the one author is, and no domain of those that are named objects. */
  readonly result: "none" | "pass" | "fail" | "temperror" | "permerror";
  /** The author's domain; of several the one that decided. Absent where there is none. */
  readonly domain?: string;
  /** The organizational domain of that (RFC 9989 §4.10.2). */
  readonly organization?: string;
  /** Where the message has not passed, and it is known. */
  readonly policy?: Policy;
  /** As RFC 8601 §2.2 writes it. */
  readonly info: string;
}

/** What the message shows besides its From. */
export interface Identifiers {
  /** Absent: it is not known yet. */
  readonly spf?: SPFResult;
  /** Of the signatures that hold. */
  readonly dkimDomains: readonly string[];
  /** A key of this domain, or of one below it, could not be looked up. */
  keyUnknown(domain: string): boolean;
}

export interface Authors {
  /** The addresses of From. */
  readonly headerFrom: string[];
  /** Fields with that name. */
  readonly fromFields: number;
}

/** Asks beforehand what the authors' domains want, whoever the message is from: their answers are then there. Does not reject. */
export async function askPolicies(authors: Authors, lookups: Lookups): Promise<void> {
  await authorPolicy(authors, { dkimDomains: [], keyUnknown: () => false }, lookups).catch(
    () => {},
  );
}

/** Domains of several authors that are asked for their policy. */
export const AUTHOR_DOMAINS_LIMIT = 4;

export async function authorPolicy(
  { headerFrom, fromFields }: Authors,
  identifiers: Identifiers,
  lookups: Lookups,
): Promise<AuthorPolicy> {
  const { evaluateDmarc } = await mailauth();
  const { spf } = identifiers;
  const of = async (from: string[], fields: number) =>
    evaluateDmarc({
      headerFrom: from,
      fromFields: fields,
      spfDomains: spf?.status.result === "pass" ? [spf.domain] : [],
      dkimDomains: identifiers.dkimDomains.map((domain) => ({ domain })),
      resolver: asked(lookups),
      strict: true,
    });
  const {
    response,
    reason = "no-author-domain",
    authorDomains = [],
  } = await of(headerFrom, fromFields);
  if (response) return told(response, identifiers);
  const domains = authorDomains.slice(0, AUTHOR_DOMAINS_LIMIT);
  const each = await Promise.all(domains.map(async (domain) => of([`author@${domain}`], 1)));
  const strictest = each
    .flatMap(({ response: one }) => (one ? [told(one, identifiers)] : []))
    .filter(({ result, policy }) => policy !== "none" && result !== "pass" && result !== "none")
    .toSorted((one, other) => weight(other) - weight(one))[0];
  return strictest ?? { result: "permerror", info: `dmarc=permerror (${WHY[reason]})` };
}

/** The organizational domain of a name (RFC 9989 §4.10.2); undefined where the DNS does not say. */
export async function organizationOf(
  domain: string,
  lookups: Lookups,
): Promise<string | undefined> {
  const { evaluateDmarc } = await mailauth();
  const from = { headerFrom: [`author@${domain}`], fromFields: 1, spfDomains: [], dkimDomains: [] };
  const { response } = await evaluateDmarc({ ...from, resolver: asked(lookups), strict: true });
  return response && response.status.result !== "temperror" ? response.domain : undefined;
}

/** What failed only because a name of the author's own domain could not be looked up has not failed. */
function told(response: DMARCResult, identifiers: Identifiers): AuthorPolicy {
  const { status, domain: organization, info } = response;
  const { spf } = identifiers;
  const domain = status.header?.["from"] ?? "";
  const result = resultOf(status.result);
  if (result !== "fail") return { result, domain, organization, info };
  const policy = policyOf(response.policy);
  const isWithin = (name: string): boolean =>
    name === organization || name.endsWith(`.${organization}`);
  const spfUnknown = spf?.status.result === "temperror" && isWithin(spf.domain);
  if (identifiers.keyUnknown(organization) || spfUnknown)
    return { result: "temperror", domain, policy, info: `dmarc=temperror header.from=${domain}` };
  return { result, domain, policy, info };
}

function resultOf(text: string): AuthorPolicy["result"] {
  switch (text) {
    case "pass":
    case "fail":
    case "none":
    case "temperror":
      return text;
    default:
      return "permerror";
  }
}

function policyOf(text: string): Policy {
  return text === "reject" || text === "quarantine" ? text : "none";
}

function weight({ result, policy = "none" }: AuthorPolicy): number {
  if (result === "temperror") return 1;
  return policy === "reject" ? 3 : 2;
}

const WHY = {
  "no-author-domain": "no author",
  "multiple-author-domains": "authors of several domains",
  "invalid-author-domain": "an author without a domain",
  "multiple-from-fields": "several From fields",
} as const;

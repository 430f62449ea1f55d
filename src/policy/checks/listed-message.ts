/**
 * Is it on lists, through whom a message has come, or who its author is? Known with the message, which can be marked. A header section is
 * anybody's to write: what trusted hosts have written into it is a fact, a claim refuses nobody unless the operator wants that.
 */
import type { Authors, Domain, Ip, ReversePath } from "../../mail/index.ts";
import {
  judgeLists,
  markText,
  wayOf,
  type ListFacts,
  type ListParts,
  type ReceivedChain,
} from "../lists/index.ts";
import type { AdmissionSubject } from "./admission.ts";
import type { Client } from "./client.ts";
import {
  evidenceOf,
  isTrustedHop,
  isUnknown,
  isWithinReach,
  judgeListed,
  listedFacts,
  otherwise,
  senderParts,
  settingOf,
  suffices,
  tellOfGoodClient,
  type ListedFacts,
  type Lists,
} from "./listed.ts";
import type { Check, Verdict } from "./verdict.ts";

export interface ListedSubject {
  /** Absent: it is nobody's business; one of our own hands it in. */
  readonly listed?: {
    readonly client: Client;
    readonly helo: string;
    readonly reversePath: ReversePath;
    readonly authors: Authors;
    readonly chain: ReceivedChain;
    readonly rolesOnly: boolean;
  };
}

type Listed = NonNullable<ListedSubject["listed"]>;

/** Domains of authors that are asked about; mail has one. */
const AUTHOR_DOMAINS = 3;

const NAME = "listed";

export function listedMessageCheck(
  lists: Lists,
): Check<ListedSubject & AdmissionSubject, ListedFacts> {
  return {
    name: NAME,
    gather: ({ listed, identity }) => {
      if (listed === undefined || !isUnknown(listed.client)) return {};
      if (!isAskedAtLast(listed.client.ip, lists)) return { unasked: listed.client.ip };
      const { rolesOnly, client } = listed;
      const known = lists.about(messageParts(listed, lists));
      const told = (facts: ListFacts): ListedFacts => {
        tellOfGoodClient(facts, client.ip, identity?.level ?? "none", lists);
        return listedFacts(facts, rolesOnly);
      };
      return known instanceof Promise ? known.then(told) : told(known);
    },
    judge: (facts) => judge(facts, lists),
    suffices: (facts) => suffices(facts, lists, (ip) => isAskedAtLast(ip, lists)),
    otherwise: (facts) => otherwise(facts, lists),
  };
}

function isAskedAtLast(ip: Ip, lists: Lists): boolean {
  return isWithinReach(ip, lists) || isTrustedHop(ip, lists);
}

/** Behind a trusted host it is the one that came to it that is asked about as the client. */
function messageParts(listed: Listed, lists: Lists): ListParts {
  const { client, helo, reversePath, authors, chain } = listed;
  const way = wayOf(chain, client.ip, (ip) => isTrustedHop(ip, lists));
  const parts = senderParts(client, helo, reversePath);
  const { client: peer, helo: name, ...sender } = parts;
  const behind = isTrustedHop(client.ip, lists);
  const subject = behind ? way.client : peer;
  const isAsked = subject !== undefined && isWithinReach(subject, lists);
  return {
    ...sender,
    ...(isAsked && { client: subject }),
    ...(!behind && name !== undefined && { helo: name }),
    authors: authorDomains(authors),
    hops: way.hops.filter((hop) => isWithinReach(hop, lists)),
  };
}

function authorDomains(authors: Authors): readonly Domain[] {
  if (authors.kind === "unreadable") return [];
  const domains = authors.authors.flatMap(({ field, address: { host } }) =>
    field === "From" && host.kind === "domain" ? [host.domain] : [],
  );
  return [...new Set(domains)].slice(0, AUTHOR_DOMAINS);
}

/** Whoever is told of trouble gets it, and is told what the lists say. */
function judge(facts: ListedFacts, lists: Lists): Verdict {
  const { lists: said, rolesOnly = false } = facts;
  const judgement = said === undefined ? undefined : judgeLists(said, lists.rules);
  const marks =
    judgement !== undefined &&
    (judgement.action === "mark" || (rolesOnly && judgement.action !== "pass"));
  if (!marks) return judgeListed(NAME, facts, lists);
  return {
    action: "mark",
    check: NAME,
    marks: [markText(judgement)],
    evidence: evidenceOf(judgement),
    setting: settingOf(judgement, lists),
  };
}

/**
 * Is it on lists, who connects, its name, or the domain it sends for? Asked of strangers at RCPT, so that postmaster and abuse are
 * reached by everybody (RFC 5321 §4.5.1) and the journal has the envelope. Lists refuse and put off; they never let anybody in.
 */
import {
  ipReach,
  isAtLeast,
  isFullyQualified,
  parseDomain,
  parseIp,
  type Cidr,
  type Domain,
  type Facts,
  type IdentityLevel,
  type Ip,
  type ReversePath,
  type SettingFact,
} from "../../mail/index.ts";
import {
  confirmStatus,
  judgeLists,
  refusalStatus,
  voteText,
  wereAsked,
  withoutWhich,
  type ListedRules,
  type ListFact,
  type ListFacts,
  type ListJudgement,
  type ListParts,
} from "../lists/index.ts";
import { isRole } from "../routing/index.ts";
import { isStranger, clientClass, type Client } from "./client.ts";
import { decide } from "./decision-table.ts";
import { isEvidence, type RecipientSubject } from "./recipient.ts";
import type { Check, Evidence, Verdict } from "./verdict.ts";

/** The lists of a site; handed in. */
export interface Lists {
  readonly rules: ListedRules;
  /** Where whoever is refused can turn to. */
  readonly appeal: string;
  /** Hosts whose Received fields are believed. */
  readonly trustedHops: readonly Cidr[];
  /** Clients within are asked about too. */
  readonly privateClients: boolean;
  /** Does not reject. */
  about(parts: ListParts): ListFacts | Promise<ListFacts>;
  /** A list has somebody of whom it is known well who it is. */
  hasGoodClient(list: string, client: Ip, level: IdentityLevel): void;
}

/** Empty of whom no list is asked, whatever the settings are. */
export type ListedFacts = Facts & {
  readonly lists?: ListFacts;
  /** A stranger of whom the settings wanted none to be asked. */
  readonly unasked?: Ip;
  /** Nobody but postmaster or abuse is to get it. */
  readonly rolesOnly?: boolean;
};

const NAME = "listed";

/** Of those that can refuse for good it is placed early, before anything is said about a mailbox. */
export function listedCheck(lists: Lists): Check<RecipientSubject, ListedFacts> {
  return {
    name: NAME,
    gather: (subject) => gather(subject, lists),
    judge: (facts) => judgeListed(NAME, facts, lists),
    suffices: (facts) => suffices(facts, lists, (ip) => isAskedAtOnce(ip, lists)),
    otherwise: (facts) => otherwise(facts, lists),
  };
}

function gather(subject: RecipientSubject, lists: Lists): ListedFacts | Promise<ListedFacts> {
  const { client, helo, reversePath, forwardPath, route, level } = subject;
  if (!isUnknown(client) || isEvidence(subject)) return {};
  if (decide(clientClass(client), route.recipient).kind === "refuse") return {};
  if (!isAskedAtOnce(client.ip, lists)) return { unasked: client.ip };
  const said = lists.about(senderParts(client, helo, reversePath));
  const told = (facts: ListFacts): ListedFacts | Promise<ListedFacts> => {
    const tell = (known: IdentityLevel): ListedFacts => {
      tellOfGoodClient(facts, client.ip, known, lists);
      return listedFacts(facts, isRole(forwardPath));
    };
    const known = hitsOn(client.ip, facts).length === 0 ? "none" : (level?.() ?? "none");
    return known instanceof Promise ? known.then(tell) : tell(known);
  };
  return said instanceof Promise ? said.then(told) : told(said);
}

/**
 * That a list has somebody of whom it is known well who it is says something about the list, whether it votes or not; not where
 * another one that is well has him too.
 */
export function tellOfGoodClient(
  facts: ListFacts,
  client: Ip,
  level: IdentityLevel,
  lists: Pick<Lists, "hasGoodClient">,
): void {
  if (!isAtLeast(level, "aligned")) return;
  const hits = hitsOn(client, facts);
  for (const { list } of hits)
    if (!hits.some((other) => other.list !== list && other.health === undefined))
      lists.hasGoodClient(list, client, level);
}

function hitsOn(client: Ip, { answers }: ListFacts): readonly ListFact[] {
  return answers.filter(
    ({ as, subject, sinceMinutes }) =>
      as === "client" && subject === client && sinceMinutes !== undefined,
  );
}

/** Of before: whether the lists of now had been asked, about whom they would be asked now. */
export function suffices(
  { lists: said, unasked }: ListedFacts,
  lists: Pick<Lists, "rules" | "trustedHops">,
  isAskedNow: (ip: Ip) => boolean,
): boolean {
  if (said === undefined) return unasked === undefined || !isAskedNow(unasked);
  const clients = (said.about.client ?? []).flatMap((text) => parseIp(text) ?? []);
  return !clients.some((ip) => isTrustedHop(ip, lists)) && wereAsked(said, lists.rules.lists);
}

export function listedFacts(lists: ListFacts, rolesOnly: boolean): ListedFacts {
  return { lists, ...(rolesOnly && { rolesOnly }) };
}

/** A stranger; whom the operator has entered as a peer is none, though he may not relay. */
export function isUnknown(client: Client): boolean {
  return isStranger(client) && client.peer === undefined;
}

type Reach = Pick<Lists, "privateClients" | "trustedHops">;

/** Who is behind a trusted hop is known with the message. */
function isAskedAtOnce(ip: Ip, lists: Reach): boolean {
  return isWithinReach(ip, lists) && !isTrustedHop(ip, lists);
}

export function isWithinReach(ip: Ip, { privateClients }: Pick<Lists, "privateClients">): boolean {
  return privateClients || ipReach(ip) === "public";
}

export function isTrustedHop(ip: Ip, { trustedHops }: Pick<Lists, "trustedHops">): boolean {
  return trustedHops.some((network) => network.contains(ip));
}

export function senderParts(
  { ip: client }: Client,
  helo: string | undefined,
  reversePath: ReversePath,
): ListParts {
  const name = domainNamed(helo);
  const sender = reversePath?.host.kind === "domain" ? reversePath.host.domain : undefined;
  return {
    client,
    ...(name !== undefined && { helo: name }),
    ...(sender !== undefined && { sender }),
  };
}

/** An address literal is the client's address again, or a lie. */
function domainNamed(helo = ""): Domain | undefined {
  const name = parseDomain(helo);
  return name !== undefined && isFullyQualified(name) ? name : undefined;
}

/** At RCPT there is nothing yet that could be marked: what is not refused goes on. */
export function judgeListed(
  check: string,
  facts: ListedFacts,
  lists: Pick<Lists, "rules" | "appeal">,
): Verdict {
  const judgement = facts.lists === undefined ? undefined : judgeLists(facts.lists, lists.rules);
  const evidence = evidenceOf(judgement);
  if (judgement === undefined || facts.rolesOnly === true)
    return { action: "continue", check, evidence };
  const setting = settingOf(judgement, lists);
  const { appeal } = lists;
  switch (judgement.action) {
    case "refuse":
      return {
        action: "refuse",
        check,
        status: refusalStatus(judgement, appeal),
        evidence,
        setting,
      };
    case "confirm":
      return {
        action: "defer",
        check,
        status: confirmStatus(judgement, appeal),
        evidence,
        setting,
      };
    case "mark":
    case "pass":
      return { action: "continue", check, evidence };
  }
}

export function settingOf(
  { hangsOn }: ListJudgement,
  { rules }: Pick<Lists, "rules">,
): SettingFact {
  const { refuse, mark, received, confirmMinutes: confirm_minutes } = rules;
  return { key: `listed.${hangsOn}`, value: { refuse, mark, received, confirm_minutes }[hangsOn] };
}

export function otherwise(
  { lists: said, rolesOnly }: ListedFacts,
  { rules }: Pick<Lists, "rules">,
): readonly string[] {
  if (said === undefined) return [];
  const judgement = judgeLists(said, rules);
  const { action, wait } = judgement;
  const isMark = action === "mark" || rolesOnly === true;
  return [
    ...withoutWhich(judgement, isMark ? rules.mark : rules.refuse),
    ...(wait?.for === "answer" ? [`an answer of ${wait.list} that vouches for the client`] : []),
  ];
}

/** What counted, and what would have, did its list have a vote; nothing where nothing did. */
export function evidenceOf(judgement: ListJudgement | undefined): Evidence {
  if (judgement === undefined) return {};
  const { against, vouching, observed, score } = judgement;
  const counted = [...against, ...vouching];
  return {
    ...(counted.length > 0 && { listScore: score, lists: counted.map(voteText).join("; ") }),
    ...(observed.length > 0 && { listsObserved: observed.map(voteText).join("; ") }),
  };
}

/**
 * What follows from what the lists said: pure, the same live and in a rehearsal. Promises: only lists that vote and are well count;
 * what somebody says of himself makes nothing better; hosts of the header section, which anybody can write, refuse nobody
 * unless the operator wants that; and no refusal hangs on one list that is not confirmed.
 */
import type { ListFact, ListFacts } from "./facts.ts";
import type { AnswerRule, List, ListMode } from "./list.ts";
import { readAnswer, rulesOfCodes } from "./reading.ts";

export interface ListedRules {
  readonly lists: readonly List[];
  readonly refuse: number;
  readonly mark: number;
  /** What may follow from a hop on a list of open relays. */
  readonly received: "ignore" | "mark" | "refuse";
  readonly hopShare: number;
  readonly confirmMinutes: number;
  readonly confirmClients: number;
}

/** The strongest of what a list says. */
export interface ListVote {
  readonly list: List;
  readonly fact: ListFact;
  readonly meaning: string;
  /** What counts: a hop's share already taken. */
  readonly weight: number;
}

export interface ListJudgement {
  /** `confirm`: it hangs on a list that is not confirmed, or one that may vouch does not answer; come again. */
  readonly action: "pass" | "mark" | "confirm" | "refuse";
  readonly score: number;
  /** What is counted against whom, the heaviest first; of a mark with hops. */
  readonly against: readonly ListVote[];
  readonly vouching: readonly ListVote[];
  /** What lists that only observe would have said. */
  readonly observed: readonly ListVote[];
  /** The setting of `[listed]` without which it would be less. */
  readonly hangsOn: "refuse" | "mark" | "received" | "confirm_minutes";
  /** Of `confirm`: on which list it waits. */
  readonly wait?: ListWait;
}

export type ListWait =
  /** It has to be confirmed; it is worth coming again after so many minutes. */
  | { readonly for: "confirmation"; readonly list: string; readonly minutesLeft: number }
  /** It may vouch, and does not answer. */
  | { readonly for: "answer"; readonly list: string };

const DAY_MINUTES = 1440;

export function judgeLists(facts: ListFacts, rules: ListedRules): ListJudgement {
  const { received, refuse, mark } = rules;
  const observed = votes("observe", facts, rules, received !== "ignore");
  const withoutHops = scoreOf(votes("vote", facts, rules, false));
  const refusing = votes("vote", facts, rules, received === "refuse");
  const score = scoreOf(refusing);
  if (score >= refuse) {
    const hangsOn = withoutHops >= refuse ? "refuse" : "received";
    return { hangsOn, ...refusal(facts, rules, refusing, score), observed };
  }
  const marking = votes("vote", facts, rules, received !== "ignore");
  const markScore = scoreOf(marking);
  const action = markScore >= mark ? "mark" : "pass";
  const hangsOn = withoutHops >= mark ? "mark" : "received";
  return { action, hangsOn, score: markScore, ...sided(marking), observed };
}

function refusal(
  facts: ListFacts,
  rules: ListedRules,
  refusing: readonly ListVote[],
  score: number,
): Omit<ListJudgement, "observed" | "hangsOn"> & Partial<Pick<ListJudgement, "hangsOn">> {
  const judged = { score, ...sided(refusing) };
  const unconfirmed = unconfirmedAmong(judged, rules);
  if (unconfirmed !== undefined)
    return { action: "confirm", hangsOn: "confirm_minutes", wait: unconfirmed, ...judged };
  const silent = silentVouchers(facts, rules);
  const [first] = silent;
  const credit = silent.reduce((sum, { answers }) => sum + leastOf(answers), 0);
  return first !== undefined && score + credit < rules.refuse
    ? { action: "confirm", wait: { for: "answer", list: first.name }, ...judged }
    : { action: "refuse", ...judged };
}

/** One of each list of this mode: its strongest. */
function votes(
  mode: ListMode,
  facts: ListFacts,
  rules: ListedRules,
  withHops: boolean,
): readonly ListVote[] {
  return rules.lists
    .filter((list) => list.mode === mode)
    .flatMap((list) => {
      const all = facts.answers
        .filter((fact) => fact.list === list.name && (fact.as !== "hop" || withHops))
        .flatMap((fact) => weighed(list, fact, rules.hopShare));
      return all.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, 1);
    });
}

/** Each meaning of an answer. Nothing while the list is not well, or where it has said nothing that counts. */
function weighed(list: List, fact: ListFact, hopShare: number): readonly ListVote[] {
  const { as, codes, health } = fact;
  if (codes === undefined || health !== undefined) return [];
  if (as === "hop" && !list.relays) return [];
  const answer = readAnswer({ kind: "codes", codes }, list);
  if (answer.kind !== "listed") return [];
  return rulesOfCodes(answer.codes, list)
    .filter(({ weight }) => weight > 0 || as === "client") // what he says himself makes nobody better
    .map(({ meaning, weight }) => ({
      list,
      fact,
      meaning,
      weight: as === "hop" ? weight * hopShare : weight,
    }));
}

function sided(all: readonly ListVote[]): Sides {
  const heaviestFirst = all.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return {
    against: heaviestFirst.filter(({ weight }) => weight > 0),
    vouching: heaviestFirst.filter(({ weight }) => weight < 0),
  };
}

/** Shares of weights are no round numbers. */
function scoreOf(all: readonly ListVote[]): number {
  return Math.round(all.reduce((sum, { weight }) => sum + weight, 0) * 1000) / 1000;
}

type Sides = Pick<ListJudgement, "against" | "vouching">;

/** Of what was added up and is so much at least, each vote without which it would be less. */
export function decisive(sides: Sides, least: number): readonly ListVote[] {
  return sides.against.filter((vote) => scoreWithout([vote], sides) < least);
}

/** As few votes as it takes, the heaviest first, without which it would be less. */
export function decisiveTogether(sides: Sides, least: number): readonly ListVote[] {
  const { against } = sides;
  const count = against.findIndex((_, i) => scoreWithout(against.slice(0, i + 1), sides) < least);
  return against.slice(0, count + 1);
}

function scoreWithout(some: readonly ListVote[], { against, vouching }: Sides): number {
  return scoreOf([...against.filter((vote) => !some.includes(vote)), ...vouching]);
}

/** The one to wait for longest of those without which it would be no refusal: any one of them may have gone mad. */
function unconfirmedAmong(sides: Sides, rules: ListedRules): ListWait | undefined {
  const [last] = decisive(sides, rules.refuse)
    .map((vote) => ({ list: vote.list.name, minutesLeft: minutesToConfirm(vote, rules) }))
    .toSorted((a, b) => b.minutesLeft - a.minutesLeft);
  return last === undefined || last.minutesLeft === 0
    ? undefined
    : { for: "confirmation", ...last };
}

/** 0: what the list says is confirmed. A file of this machine is the operator's own word. */
function minutesToConfirm(
  { list, fact: { sinceMinutes = 0, others = 0, unsure } }: ListVote,
  { confirmMinutes, confirmClients }: ListedRules,
): number {
  if (list.source === "file" || confirmMinutes === 0) return 0;
  if (sinceMinutes < confirmMinutes) return confirmMinutes - sinceMinutes;
  if (unsure === true) return confirmMinutes;
  if (sinceMinutes >= DAY_MINUTES) return 0;
  return others >= confirmClients ? 0 : confirmMinutes;
}

/** Lists that vouch for clients, and were asked about this one in vain. */
function silentVouchers({ answers }: ListFacts, { lists }: ListedRules): readonly List[] {
  return lists.filter(
    (list) =>
      list.mode === "vote" &&
      leastOf(list.answers) < 0 &&
      answers.some(
        (fact) => fact.list === list.name && fact.as === "client" && isSilent(fact, list),
      ),
  );
}

function isSilent({ codes, health }: ListFact, list: List): boolean {
  if (codes === undefined || health !== undefined) return true;
  return readAnswer({ kind: "codes", codes }, list).kind === "error";
}

function leastOf(answers: readonly AnswerRule[]): number {
  return Math.min(0, ...answers.map(({ weight }) => weight));
}

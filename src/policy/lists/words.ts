/** What whoever is refused is told: which list, about what, why, and where to turn to; what a reader is told of a mark; and what would have changed it. */
import { status, STATUS_TEXT_LIMIT, type Status } from "../../mail/index.ts";
import {
  decisive,
  decisiveTogether,
  type ListJudgement,
  type ListVote,
  type ListWait,
} from "./score.ts";
import { PLAIN_MEANING, type AskedAs } from "./list.ts";
import { shortened } from "./reason-text.ts";

const SOURCE = "policy/listed";

/** Characters of a name of a list's subject: domains can be long, and the rest has to be read too. */
const SUBJECT_LIMIT = 100;
/** Of who is listed by whom. */
const HEAD_LIMIT = 220;

const WHOSE: Readonly<Record<AskedAs, string>> = {
  client: "your address",
  helo: "the name you gave,",
  reverse: "the name of your address,",
  sender: "the sender's domain",
  author: "the author's domain",
  hop: "a host that this came through,",
};

/** 550: the lists have said it, and it counts. */
export function refusalStatus(judgement: ListJudgement, appeal: string): Status {
  return status(550, "5.7.1", words(judgement, "", appeal), SOURCE);
}

/** 451: it is not sure yet. */
export function confirmStatus(judgement: ListJudgement, appeal: string): Status {
  const why = judgement.wait === undefined ? "" : `; ${waitText(judgement.wait)}`;
  return status(451, "4.7.1", words(judgement, why, appeal), SOURCE);
}

function waitText(wait: ListWait): string {
  switch (wait.for) {
    case "confirmation":
      return `without ${wait.list} it would not be refused, and ${wait.list} is being confirmed; come again in ${minutesText(wait.minutesLeft)}`;
    case "answer":
      return `${wait.list}, which may vouch for you, does not answer; come again later`;
  }
}

/** "listed=6.5 (SpamCop 5, Relays 2.5, dnswl -1)" */
export function markText({ score, against, vouching }: ListJudgement): string {
  const counted = [...against, ...vouching].map(({ list, weight }) => `${list.name} ${weight}`);
  return `listed=${score} (${counted.join(", ")})`;
}

/** "Spamhaus ZEN: client 192.0.2.7 XBL 10" */
export function voteText({ list, fact, meaning, weight }: ListVote): string {
  return `${list.name}: ${fact.as} ${fact.subject} ${meaning} ${weight}`;
}

/**
 * "192.0.2.7 not on SpamCop": without which it would be less than that; each alone, or where nothing alone is enough, all of one line
 * together. Nothing where it is less.
 */
export function withoutWhich(judgement: ListJudgement, least: number): readonly string[] {
  if (judgement.score < least) return [];
  const alone = decisive(judgement, least);
  if (alone.length > 0) return alone.map((vote) => notOnText([vote]));
  const together = decisiveTogether(judgement, least);
  const bySubject = Map.groupBy(together, ({ fact }) => fact.subject);
  const text = [...bySubject.values()].map(notOnText).join(" and ");
  return text === "" ? [] : [text];
}

/** Of votes about one subject. */
function notOnText(votes: readonly ListVote[]): string {
  const [first] = votes;
  const names = votes.map(({ list }) => list.name).join(", ");
  return `${first?.fact.subject} ${votes.length === 1 ? "not on" : "on none of"} ${names}`;
}

/** Whatever a list has to say, the last words are ours. */
function words(judgement: ListJudgement, why: string, appeal: string): string {
  const tail = `${why}; if this is wrong, turn to ${appeal}`;
  const head = shortened(headOf(judgement), Math.min(HEAD_LIMIT, STATUS_TEXT_LIMIT - tail.length));
  const room = STATUS_TEXT_LIMIT - head.length - tail.length;
  const [heaviest] = judgement.against;
  const text = heaviest?.fact.text;
  const said = text === undefined ? "" : `; ${heaviest?.list.name} says: ${text}`;
  return `${head}${room > 40 ? shortened(said, room) : ""}${tail}`;
}

function headOf({ against }: ListJudgement): string {
  const groups = Map.groupBy(against, ({ fact }) => `${fact.as} ${fact.subject}`);
  return [...groups.values()]
    .map((group) => {
      const lists = group.map(listText).join(", ");
      const [{ as, subject } = { as: "client", subject: "" } as const] = group.map(
        (one) => one.fact,
      );
      return `${WHOSE[as]} ${shortened(subject, SUBJECT_LIMIT)} is listed by ${lists}`;
    })
    .join("; ");
}

function listText({ list, meaning }: ListVote): string {
  return meaning === PLAIN_MEANING ? list.name : `${list.name} (${meaning})`;
}

function minutesText(minutes: number): string {
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

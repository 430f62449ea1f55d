/** What whoever is refused is told: which list, about what, why, and where to turn to; and what a reader is told of a mark. */
import { status, STATUS_TEXT_LIMIT, type Status } from "../../mail/index.ts";
import type { ListJudgement, ListVote } from "./score.ts";
import type { AskedAs } from "./list.ts";
import { shortened } from "./reason-text.ts";

const SOURCE = "policy/listed";

/** Characters of a name of a list's subject: domains can be long, and the rest has to be read too. */
const SUBJECT_LIMIT = 100;
/** Of all that is said before the list's own words. */
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
  return status(550, "5.7.1", words(headOf(judgement), judgement, appeal), SOURCE);
}

/** 451: it is not sure yet. */
export function confirmStatus(judgement: ListJudgement, appeal: string): Status {
  const { silent, minutesLeft = 0 } = judgement;
  const why =
    silent === undefined
      ? `no other list says so, and this one is being confirmed; come again in ${minutesText(minutesLeft)}`
      : `${silent}, which may vouch for you, does not answer; come again later`;
  return status(451, "4.7.1", words(`${headOf(judgement)}; ${why}`, judgement, appeal), SOURCE);
}

/** "listed=7.5 (SpamCop 5, Relays 2.5)" */
export function markText({ score, against }: ListJudgement): string {
  return `listed=${score} (${against.map(({ list, weight }) => `${list.name} ${weight}`).join(", ")})`;
}

/** "Spamhaus ZEN: client 192.0.2.7 XBL 10" */
export function voteText({ list, fact, meaning, weight }: ListVote): string {
  return `${list.name}: ${fact.as} ${fact.subject} ${meaning} ${weight}`;
}

function headOf({ against }: ListJudgement): string {
  const groups = Map.groupBy(against, ({ fact }) => `${fact.as} ${fact.subject}`);
  const parts = [...groups.values()].map((group) => {
    const [{ fact } = { fact: undefined }] = group;
    const lists = group.map(({ list, meaning }) => `${list.name} (${meaning})`).join(", ");
    const subject = shortened(fact?.subject ?? "", SUBJECT_LIMIT);
    return `${WHOSE[fact?.as ?? "client"]} ${subject} is listed by ${lists}`;
  });
  return shortened(parts.join("; "), HEAD_LIMIT);
}

/** Whatever a list has to say, the last words are ours. */
function words(head: string, { against: [heaviest] }: ListJudgement, appeal: string): string {
  const tail = `; if this is wrong, turn to ${appeal}`;
  const text = heaviest?.fact.text;
  const room = STATUS_TEXT_LIMIT - head.length - tail.length;
  const said =
    text === undefined || heaviest === undefined ? "" : `; ${heaviest.list.name} says: ${text}`;
  return `${head}${room > 20 ? shortened(said, room) : ""}${tail}`;
}

function minutesText(minutes: number): string {
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

/** What the journal tells: why a session went as it did, and what came of an address's or a host's sessions. */
import type { AttemptFacts, FactEvent } from "../../mail/index.ts";
import type { Journal, JournalQuery, Queue, StoredRecord } from "../../store/index.ts";
import { attemptsOf, readAttempt } from "./attempt.ts";
import { messageEnds, type MessageEnd } from "./ends.ts";
import type { Judges } from "./judges.ts";
import { sessionsOf, type ExplainedSession } from "./session.ts";
import { readSubject } from "./subject.ts";
import { attemptsList, attemptsText, endsText, sessionsText, sessionText } from "./text.ts";
import { whysJson, whysOf, type Why } from "./why.ts";

export { attemptsOf, carrierFields } from "./attempt.ts";
export {
  liveJson,
  liveText,
  readLiveQuestion,
  type LiveAnswer,
  type LiveQuestion,
  type LiveReply,
  type LiveWords,
} from "./live.ts";
export { rehearse, type Rehearsed } from "./rehearse.ts";
export { rehearsalText, type RehearsalHead } from "./rehearsal-text.ts";
export type { StaleFacts } from "./rehearsal.ts";
export { sessionFacts } from "./session.ts";
export { timeText } from "./time.ts";
export type { Judges, PastStages, SettingNow, StageName } from "./judges.ts";

/** Beside the journal, what makes the story whole. */
export interface Explaining {
  /** Absent: of what is on its way only attempts are told. */
  readonly queue?: Pick<Queue, "list">;
  /** Absent: what would have changed a decision is not told. */
  readonly judges?: Judges;
}

/** Rows of one message that are looked at. */
const QUEUE_ROWS = 1000;

/**
 * What the journal knows of a session, a message, an address or an IP, as a person reads it or as JSON: an object
 * with `subject`, `sessions` and `attempts` to deliver, the last first; of one session also `why`, for each of its events, and
 * `deliveries`. Also that it knows nothing is an answer.
 */
export async function explain(
  journal: Pick<Journal, "find">,
  subject: string,
  asJson: boolean,
  explaining: Explaining = {},
): Promise<string> {
  const { query, records } = await found(journal, subject);
  const sessions = sessionsOf(records.filter(({ json }) => readAttempt(json) === undefined));
  const attempts = attemptsOf(records);
  const whole =
    query?.kind === "session" ? await wholeOf(sessions, attempts, explaining) : undefined;
  if (asJson) return JSON.stringify({ subject, sessions, attempts, ...jsonOf(whole) }, null, 2);
  if (query === undefined) return `"${subject}" is no session, message, mail address or IP address`;
  if (records.length === 0) return nothingText(subject, query.kind);
  return whole === undefined
    ? listText(subject, sessions, attempts)
    : wholeText(whole, sessions, attempts);
}

interface Found {
  readonly query?: JournalQuery;
  readonly records: readonly StoredRecord[];
}

/** The first of the questions that the text may mean to which there is an answer; else the first of all. */
async function found(journal: Pick<Journal, "find">, subject: string): Promise<Found> {
  const queries = readSubject(subject);
  for (const query of queries) {
    const records = await journal.find(query);
    if (records.length > 0) return wholeSession(journal, query, records);
  }
  const [query] = queries;
  return { ...(query !== undefined && { query }), records: [] };
}

/** A Message-ID is one message's: where it is in one session alone, that one is meant, and all of it. */
async function wholeSession(
  journal: Pick<Journal, "find">,
  query: JournalQuery,
  records: readonly StoredRecord[],
): Promise<Found> {
  const [first] = records;
  const sessions = new Set(records.map(({ session }) => session));
  const isMessageId = query.kind === "address" && query.address.startsWith("<");
  if (first === undefined || !isMessageId || sessions.size > 1) return { query, records };
  const { session } = first;
  const whole: JournalQuery = { kind: "session", session };
  return { query: whole, records: await journal.find(whole) };
}

/** What is told of one session beside its facts. */
interface Whole {
  readonly whys: ReadonlyMap<FactEvent, Why>;
  readonly ends: readonly MessageEnd[];
  readonly explaining: Explaining;
}

async function wholeOf(
  [session]: readonly ExplainedSession[],
  attempts: readonly AttemptFacts[],
  explaining: Explaining,
): Promise<Whole> {
  const events = session?.facts?.events ?? [];
  const { queue, judges } = explaining;
  const messages = events.filter((event) => event.kind === "message");
  const lists = await Promise.all(
    messages.map(async ({ message }) => queue?.list({ message }, { limit: QUEUE_ROWS })),
  );
  const rows = lists.flatMap((list) => list?.rows ?? []);
  const whys = whysOf(events, judges);
  return { whys, ends: messageEnds(events, attempts, rows), explaining };
}

function jsonOf(whole: Whole | undefined): object {
  if (whole === undefined) return {};
  const { whys, ends, explaining } = whole;
  return {
    ...(explaining.judges !== undefined && {
      why: whysJson(whys),
    }),
    ...(explaining.queue !== undefined && { deliveries: ends }),
  };
}

/** What came in, and then how it went on, in the order of time. */
function wholeText(
  { whys, ends }: Whole,
  [session]: readonly ExplainedSession[],
  attempts: readonly AttemptFacts[],
): string {
  return [
    ...(session === undefined ? [] : [sessionText(session, (event) => whys.get(event))]),
    ...(ends.length === 0 ? [] : [endsText(ends)]),
    ...(attempts.length === 0 ? [] : [attemptsText(attempts.toReversed())]),
  ].join("\n");
}

function listText(
  subject: string,
  sessions: readonly ExplainedSession[],
  attempts: readonly AttemptFacts[],
): string {
  return [
    ...(sessions.length === 0 ? [] : [sessionsText(subject, sessions)]),
    ...(attempts.length === 0 ? [] : [attemptsList(subject, attempts)]),
  ].join("\n\n");
}

function nothingText(subject: string, kind: "session" | "address" | "ip"): string {
  const nothing = `the journal knows nothing of ${subject}: it was forgotten by now, or never here`;
  return kind === "session"
    ? `${nothing}.\nOf sessions that went the same way from one address only the first is kept: ask for the IP address`
    : nothing;
}

/**
 * Whom a list has kept from writing in a time in which it was wrong, from the journal: who, to whom, and what they were told. That a list has
 * wronged all of them is not said: it had its part in each of these refusals.
 */
import {
  factText,
  formatStatus,
  type FactDecision,
  type FactEvent,
  type SessionFacts,
} from "../../mail/index.ts";
import type { Journal, StoredRecord } from "../../store/index.ts";
import { sessionFacts } from "../journal/index.ts";

/** One sender and one recipient, as often as he tried. */
export interface KeptOut {
  /** The first time, milliseconds since 1970; and of how many. */
  readonly at: number;
  readonly times: number;
  readonly client: string;
  /** Journal keys; "" is the null reverse-path. */
  readonly sender: string;
  readonly recipient: string;
  /** "defer": he was told to come again. */
  readonly action: "defer" | "refuse";
  readonly reply: string;
  /** What the list said, and what others did: "client 192.0.2.7 XBL 10". */
  readonly because: string;
  readonly others: readonly string[];
  readonly session: string;
}

/** Milliseconds since 1970; `until` is not within. */
export interface AmnestyWindow {
  readonly since: number;
  readonly until: number;
}

/** Records read at once. */
const PAGE = 1000;

/** A session can have begun so long before what was decided in it. */
const SESSION_MS = 3_600_000;

/** In the order of time. */
export async function keptOut(
  journal: Pick<Journal, "page">,
  list: string,
  window: AmnestyWindow,
): Promise<readonly KeptOut[]> {
  const found = new Map<string, KeptOut>();
  let after: number | undefined;
  do {
    const { records, next } = await journal.page(window.since - SESSION_MS, PAGE, after);
    for (const one of records.flatMap((record) => ofRecord(record, list, window))) {
      const key = JSON.stringify([one.client, one.sender, one.recipient, one.action]);
      const before = found.get(key);
      found.set(key, before === undefined ? one : { ...before, times: before.times + one.times });
    }
    after = next;
  } while (after !== undefined);
  return [...found.values()].toSorted((a, b) => a.at - b.at);
}

function ofRecord(
  record: StoredRecord,
  list: string,
  { since, until }: AmnestyWindow,
): readonly KeptOut[] {
  const facts = sessionFacts(record);
  if (facts === undefined || facts.protocol !== "smtp") return [];
  const lasted = record.lastAt - record.at;
  return decisionsOf(facts).flatMap(({ at, sender, recipient, decision }) => {
    const first = facts.at + at;
    if (first >= until || first + lasted < since) return [];
    const part = partOf(decision, list);
    if (part === undefined) return [];
    const { session, ip: client } = facts;
    return [{ at: first, times: record.count, client, sender, recipient, session, ...part }];
  });
}

interface Decision {
  readonly at: number;
  readonly sender: string;
  readonly recipient: string;
  readonly decision: FactDecision;
}

/** Of each recipient, also what was decided on the whole message. */
function decisionsOf({ events }: SessionFacts): readonly Decision[] {
  const all: Decision[] = [];
  let sender = "";
  let taken: string[] = [];
  for (const event of events) {
    if (event.kind === "sender") [sender, taken] = [event.address, []];
    for (const recipient of recipientsOf(event, taken))
      if ("decision" in event && event.decision !== undefined)
        all.push({ at: event.at, sender, recipient, decision: event.decision });
    if (event.kind === "recipient" && isTaken(event.decision)) taken.push(event.address);
    if (event.kind === "message") taken = [];
  }
  return all;
}

function recipientsOf(event: FactEvent, taken: readonly string[]): readonly string[] {
  if (event.kind === "recipient") return [event.address];
  return event.kind === "message" ? taken : [];
}

function isTaken({ action }: FactDecision): boolean {
  return action !== "defer" && action !== "refuse";
}

const CHECK = "listed";

/** Undefined: the list had no part in it. */
function partOf(
  { check, action, status, evidence }: FactDecision,
  list: string,
): Pick<KeptOut, "action" | "reply" | "because" | "others"> | undefined {
  const { lists } = evidence;
  if (check !== CHECK || lists === undefined || (action !== "defer" && action !== "refuse"))
    return undefined;
  const votes = factText(lists).split("; ");
  const own = votes.find((vote) => vote.startsWith(`${list}: `));
  if (own === undefined) return undefined;
  return {
    action,
    reply: status === undefined ? "" : formatStatus(status),
    because: own.slice(list.length + 2),
    others: votes.filter((vote) => vote !== own),
  };
}

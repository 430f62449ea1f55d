/** One session, put together from its records: one with each message it delivered, and one at its end. */
import { wholeEvents, type SessionFacts } from "../../mail/index.ts";
import type { StoredRecord } from "../../store/index.ts";
import { readAttempt } from "./attempt.ts";

export interface ExplainedSession {
  readonly session: string;
  /** When it began, and when the last of those folded into it did; milliseconds since 1970. */
  readonly at: number;
  readonly lastAt: number;
  /** Sessions of which this one is the first; the others went the same way. */
  readonly count: number;
  readonly ip: string;
  /** Undefined when a newer Gatepost wrote it. */
  readonly facts: SessionFacts | undefined;
}

/** The sessions of records that come newest first, as the store finds them; the order stays. */
export function sessionsOf(records: readonly StoredRecord[]): readonly ExplainedSession[] {
  const groups = Map.groupBy(records, ({ session }) => session);
  return [...groups.values()].map(putTogether);
}

function putTogether(records: readonly StoredRecord[]): ExplainedSession {
  const [last] = records;
  if (last === undefined) throw new RangeError("a session without a record");
  const { session, at, ip } = last;
  return {
    session,
    at,
    lastAt: Math.max(...records.map(({ lastAt }) => lastAt)),
    count: Math.max(...records.map(({ count }) => count)),
    ip,
    facts: joined(records.map(({ json }) => readFacts(json)).toReversed()),
  };
}

/** The frame of the last record, which knows most, around the events of all. */
function joined(parts: readonly (SessionFacts | undefined)[]): SessionFacts | undefined {
  const readable = parts.filter((part) => part !== undefined);
  const last = readable.at(-1);
  if (last === undefined || readable.length < parts.length) return undefined;
  const leftOut = readable.reduce((sum, { eventsLeftOut = 0 }) => sum + eventsLeftOut, 0);
  return {
    ...last,
    events: readable.flatMap(({ events }) => events),
    ...(leftOut > 0 && { eventsLeftOut: leftOut }),
  };
}

/** Of what is about a session, in a shape that is known. */
export function sessionFacts({ json }: Pick<StoredRecord, "json">): SessionFacts | undefined {
  return readAttempt(json) === undefined ? readFacts(json) : undefined;
}

/** Undefined when a newer Gatepost wrote it. */
export function readFacts(json: string): SessionFacts | undefined {
  const facts: unknown = JSON.parse(json);
  const known = typeof facts === "object" && facts !== null && "v" in facts && facts.v === 1;
  if (!known) return undefined;
  const record = facts as SessionFacts; // this program wrote it, in this version of the shape
  return { ...record, events: wholeEvents(record.events) };
}

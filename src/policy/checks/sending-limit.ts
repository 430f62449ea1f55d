/**
 * How much a login may send: a stolen password is the open relay of today. Asked at MAIL and at each RCPT, before any
 * content; the store counts once more when it commits. The answer says which limit it is and when it ends.
 */
import { status, type Login, type Status } from "../../mail/index.ts";
import type { Check, Verdict } from "./verdict.ts";

export interface SendingLimits {
  readonly messagesPerHour: number;
  readonly recipientsPerHour: number;
  readonly messagesPerDay: number;
  readonly recipientsPerDay: number;
  readonly recipientsPerMessage: number;
}

/** What was sent in a short time. */
export interface SentTally {
  /** When that time ended, or ends, milliseconds since 1970. */
  readonly until: number;
  readonly messages: number;
  readonly recipients: number;
}

export interface SendingAccount {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly limits: SendingLimits;
  /** Of the last day at least, oldest first. */
  readonly sent: readonly SentTally[];
}

/** Who counts, in policy's own words. Throws when it cannot be known. */
export interface SendingCounter {
  account(login: Login): SendingAccount;
}

export interface SendingSubject {
  readonly login: Login;
  /** Recipients of this message that were accepted before; absent at MAIL. */
  readonly recipientsBefore?: number;
}

/** Of the last hour and the last day, without this message. */
export type SendingFacts = {
  readonly login: string;
  readonly messagesHour: number;
  readonly recipientsHour: number;
  readonly messagesDay: number;
  readonly recipientsDay: number;
  /** With this recipient. */
  readonly recipientsNow: number;
  /** The limit that is reached, in words. */
  readonly reached?: string;
  /** When there is room again, milliseconds since 1970; absent: not for this message. */
  readonly againAt?: number;
  /** When it was asked, milliseconds since 1970. */
  readonly askedAt: number;
};

export const SENDING_LIMIT_CHECK = "sending limit";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export function sendingLimitCheck(counter: SendingCounter): Check<SendingSubject, SendingFacts> {
  return {
    name: SENDING_LIMIT_CHECK,
    gather: ({ login, recipientsBefore = 0 }) =>
      facts(login, counter.account(login), recipientsBefore + 1),
    judge,
  };
}

/** Whether this verdict is about a limit that ends by itself: from then on, what else the login has in the queue is to be held. */
export function limitReached({ action, check, evidence }: Verdict): boolean {
  return action === "defer" && check === SENDING_LIMIT_CHECK && evidence["againAt"] !== undefined;
}

interface Window {
  readonly name: "an hour" | "a day";
  readonly ms: number;
  readonly messages: number;
  readonly recipients: number;
}

function facts(
  login: Login,
  { now, limits, sent }: SendingAccount,
  recipientsNow: number,
): SendingFacts {
  const hour: Window = {
    name: "an hour",
    ms: HOUR_MS,
    messages: limits.messagesPerHour,
    recipients: limits.recipientsPerHour,
  };
  const day: Window = {
    name: "a day",
    ms: DAY_MS,
    messages: limits.messagesPerDay,
    recipients: limits.recipientsPerDay,
  };
  const perMessage = Math.min(limits.recipientsPerMessage, hour.recipients, day.recipients);
  const [ofHour, ofDay] = [within(sent, now, hour.ms), within(sent, now, day.ms)];
  return {
    login: login.address,
    messagesHour: total(ofHour, "messages"),
    recipientsHour: total(ofHour, "recipients"),
    messagesDay: total(ofDay, "messages"),
    recipientsDay: total(ofDay, "recipients"),
    recipientsNow,
    askedAt: now,
    ...(recipientsNow > perMessage
      ? { reached: `${perMessage} recipients a message` }
      : (reached(ofDay, day, recipientsNow) ?? reached(ofHour, hour, recipientsNow))),
  };
}

/** The limit of this window that leaves no room for the message; of two, the one that ends later. */
function reached(
  sent: readonly SentTally[],
  window: Window,
  recipientsNow: number,
): Pick<SendingFacts, "reached" | "againAt"> | undefined {
  const messagesAt = roomAt(sent, "messages", window.messages - 1, window.ms);
  const recipientsAt = roomAt(sent, "recipients", window.recipients - recipientsNow, window.ms);
  if (messagesAt === undefined && recipientsAt === undefined) return undefined;
  return (messagesAt ?? 0) >= (recipientsAt ?? 0)
    ? { reached: `${window.messages} messages ${window.name}`, againAt: messagesAt ?? 0 }
    : { reached: `${window.recipients} recipients ${window.name}`, againAt: recipientsAt ?? 0 };
}

/** When no more than `most` are left in the window; undefined where that is so now. */
function roomAt(
  sent: readonly SentTally[],
  what: "messages" | "recipients",
  most: number,
  windowMs: number,
): number | undefined {
  let left = total(sent, what);
  if (left <= most) return undefined;
  let again = 0;
  for (const tally of sent) {
    if (left <= most) break;
    left -= tally[what];
    again = tally.until + windowMs;
  }
  return again;
}

function within(sent: readonly SentTally[], now: number, ms: number): readonly SentTally[] {
  return sent.filter(({ until }) => until > now - ms);
}

function total(sent: readonly SentTally[], what: "messages" | "recipients"): number {
  return sent.reduce((sum, tally) => sum + tally[what], 0);
}

function judge(evidence: SendingFacts): Verdict {
  const said = limitStatus(evidence);
  return said === undefined
    ? { action: "continue", check: SENDING_LIMIT_CHECK, evidence }
    : { action: "defer", check: SENDING_LIMIT_CHECK, status: said, evidence };
}

/** Too many for one message is said as every server says it (RFC 5321 §4.5.3.1.10): the client sends the rest in another. */
function limitStatus({ reached: limit, againAt, askedAt }: SendingFacts): Status | undefined {
  if (limit === undefined) return undefined;
  if (againAt === undefined)
    return status(452, "4.5.3", `sending limit of ${limit} reached`, SOURCE);
  const words = `sending limit of ${limit} reached, again at ${timeText(againAt, askedAt)}`;
  return status(450, "4.7.1", words, SOURCE);
}

const SOURCE = "policy/sending-limit";

/** "14:05 UTC", with its date where that is another day. No minute too early. */
function timeText(at: number, now: number): string {
  const minute = new Date(Math.ceil(at / 60_000) * 60_000).toISOString();
  const [date = "", time = ""] = minute.split("T");
  const today = new Date(now).toISOString().startsWith(date);
  return `${today ? "" : `${date} `}${time.slice(0, 5)} UTC`;
}

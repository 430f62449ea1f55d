/**
 * What a login has sent in the last hour and the last day, held against what it may: which limit leaves no room, and when there is some
 * again. Pure, over plain counts.
 */
import type { Login, SettingFact } from "../../mail/index.ts";

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
  /** So many times as much as anybody; absent: 1. */
  readonly factor?: number;
  /** Of the last day at least, oldest first. */
  readonly sent: readonly SentTally[];
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** What a login may send, as far as it is settings. Of one that may send so many times as much as anybody. */
export type LimitsOf = (factor: number) => SendingLimits;

/** Of the last hour and the last day, without this message. */
export type SendingFacts = {
  readonly login: string;
  readonly messagesHour: number;
  readonly recipientsHour: number;
  readonly messagesDay: number;
  readonly recipientsDay: number;
  /** With this recipient. */
  readonly recipientsNow: number;
  /** When it was asked, milliseconds since 1970. */
  readonly askedAt: number;
  /** Absent: 1. */
  readonly factor?: number;
  /** Of the last day, oldest first: by these it is known when there is room again. Only where a limit was reached. */
  readonly sent?: readonly Tally[];
};

type Tally = readonly [until: number, messages: number, recipients: number];

interface Window {
  readonly name: "an hour" | "a day";
  readonly ms: number;
  /** In the keys of the settings. */
  readonly per: "per_hour" | "per_day";
  readonly messages: number;
  readonly recipients: number;
}

/** What was sent in a window, and how much of it may be there still for one message more. */
interface Limit {
  readonly words: string;
  readonly setting: SettingFact;
  /** Absent: of one message, whenever it is sent. */
  readonly window?: Window;
  readonly what: "messages" | "recipients";
  readonly most: number;
}

export function countsOf(
  login: Login,
  account: SendingAccount,
  recipientsNow: number,
): SendingFacts {
  const { now, factor = 1, sent } = account;
  const [ofHour, ofDay] = [within(sent, now, HOUR_MS), within(sent, now, DAY_MS)];
  return {
    login: login.address,
    messagesHour: total(ofHour, "messages"),
    recipientsHour: total(ofHour, "recipients"),
    messagesDay: total(ofDay, "messages"),
    recipientsDay: total(ofDay, "recipients"),
    recipientsNow,
    askedAt: now,
    ...(factor !== 1 && { factor }),
  };
}

export function talliesOf({ sent, now }: SendingAccount): readonly Tally[] {
  return within(sent, now, DAY_MS).map(({ until, messages, recipients }): Tally => [
    until,
    messages,
    recipients,
  ]);
}

/** The limit that leaves no room; of two, the one that ends later, as far as that is known. */
export function reachedBy(facts: SendingFacts, limitsOf: LimitsOf): Limit | undefined {
  const limits = limitsOf(facts.factor ?? 1);
  const message = perMessage(limits);
  if (facts.recipientsNow > message.value)
    return {
      words: `${message.value} recipients a message`,
      setting: message,
      what: "recipients",
      most: message.value,
    };
  const [hour, day] = windows(limits);
  return (
    reachedIn(day, facts, { messages: facts.messagesDay, recipients: facts.recipientsDay }) ??
    reachedIn(hour, facts, { messages: facts.messagesHour, recipients: facts.recipientsHour })
  );
}

/** No message has more recipients than an hour or a day may have. */
function perMessage(limits: SendingLimits): { readonly key: string; readonly value: number } {
  const { recipientsPerHour, recipientsPerDay, recipientsPerMessage } = limits;
  const all = [
    { key: "sending.recipients_per_message", value: recipientsPerMessage },
    { key: "sending.recipients_per_hour", value: recipientsPerHour },
    { key: "sending.recipients_per_day", value: recipientsPerDay },
  ] as const;
  return all.reduce((least, one) => (one.value < least.value ? one : least));
}

function windows(limits: SendingLimits): readonly [hour: Window, day: Window] {
  return [
    {
      name: "an hour",
      ms: HOUR_MS,
      per: "per_hour",
      messages: limits.messagesPerHour,
      recipients: limits.recipientsPerHour,
    },
    {
      name: "a day",
      ms: DAY_MS,
      per: "per_day",
      messages: limits.messagesPerDay,
      recipients: limits.recipientsPerDay,
    },
  ];
}

function reachedIn(
  window: Window,
  facts: SendingFacts,
  counts: Readonly<Record<"messages" | "recipients", number>>,
): Limit | undefined {
  const most = {
    messages: window.messages - 1,
    recipients: window.recipients - facts.recipientsNow,
  };
  const over = (["messages", "recipients"] as const).filter((what) => counts[what] > most[what]);
  const [last] = over.toSorted(
    (a, b) =>
      (roomAt(facts, b, most[b], window.ms) ?? 0) - (roomAt(facts, a, most[a], window.ms) ?? 0),
  );
  if (last === undefined) return undefined;
  return {
    words: `${window[last]} ${last} ${window.name}`,
    setting: { key: `sending.${last}_${window.per}`, value: window[last] },
    window,
    what: last,
    most: most[last],
  };
}

/** When no more than `most` are left in the window; undefined where it is not known when they were sent. */
export function roomAt(
  { sent, askedAt }: SendingFacts,
  what: "messages" | "recipients",
  most: number,
  windowMs: number,
): number | undefined {
  if (sent === undefined) return undefined;
  const tallies = within(
    sent.map(([until, messages, recipients]) => ({ until, messages, recipients })),
    askedAt,
    windowMs,
  );
  let left = total(tallies, what);
  let again = 0;
  for (const tally of tallies) {
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

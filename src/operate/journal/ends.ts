/**
 * What became of a message that was taken, to its end: what of it is in mailboxes here, and each address abroad with its last outcome,
 * by the attempts that the journal has and the rows that are in the queue still.
 */
import {
  formatStatus,
  type AttemptFacts,
  type FactEvent,
  type MessageId,
  type Outcome,
} from "../../mail/index.ts";
import type { QueueRow } from "../../store/index.ts";
import { relayFacts } from "./relay-facts.ts";
import { timeText } from "./time.ts";

export interface MessageEnd {
  readonly message: MessageId;
  /** Recipients whose mail is in mailboxes here since the moment of the 250. */
  readonly here: readonly string[];
  /** Recipients of relay tests, for which it is evidence. */
  readonly evidence: readonly string[];
  readonly abroad: readonly AbroadEnd[];
}

export interface AbroadEnd {
  /** As it was sent to. */
  readonly address: string;
  readonly state: "delivered" | "failed" | "waiting" | "held" | "under way";
  readonly attempts: number;
  /** Of the last attempt. */
  readonly at?: number;
  readonly outcome?: Outcome;
  /** Of the next one. */
  readonly dueAt?: number;
  /** The report of ours that told its sender. */
  readonly report?: MessageId;
}

/** Kinds of recipients whose mail stays here. */
const HERE: ReadonlySet<unknown> = new Set([
  "mailbox",
  "alias",
  "role",
  "catch-all",
  "report address",
]);

/** Of each message that was accepted, in their order. `attempts`: the last first. */
export function messageEnds(
  events: readonly FactEvent[],
  attempts: readonly AttemptFacts[],
  rows: readonly QueueRow[],
): readonly MessageEnd[] {
  let recipients: FactEvent[] = [];
  return events.flatMap((event): readonly MessageEnd[] => {
    if (event.kind === "sender") recipients = [];
    if (event.kind === "recipient") recipients.push(event);
    if (event.kind !== "message" || isRefusal(event)) return [];
    const { message } = event;
    const here = recipients.flatMap((one) => takenOf(one, isHere));
    const evidence = recipients.flatMap((one) => takenOf(one, isEvidence));
    return [{ message, here, evidence, abroad: abroadOf(message, attempts, rows) }];
  });
}

function isRefusal({ decision: { action } }: FactEvent & { readonly kind: "message" }): boolean {
  return action === "refuse" || action === "defer";
}

type RelayFactsRead = ReturnType<typeof relayFacts>;

function isHere({ recipient, here }: RelayFactsRead): boolean {
  return HERE.has(recipient) || here === true;
}

function isEvidence({ recipient }: RelayFactsRead): boolean {
  return recipient === "relay test's return";
}

function takenOf(event: FactEvent, is: (relay: RelayFactsRead) => boolean): readonly string[] {
  if (event.kind !== "recipient") return [];
  const { action } = event.decision;
  if (action === "refuse" || action === "defer") return [];
  return is(relayFacts(event.decision)) ? [event.address] : [];
}

function abroadOf(
  message: MessageId,
  attempts: readonly AttemptFacts[],
  rows: readonly QueueRow[],
): readonly AbroadEnd[] {
  const tried = attempts.filter((one) => one.message === message);
  const ends = new Map<string, AbroadEnd>();
  for (const { recipients, endedAt, report } of tried.toReversed())
    for (const { address, outcome, end, report: told } of recipients)
      ends.set(address, {
        address,
        state: end.kind === "due again" ? "waiting" : end.kind,
        attempts: (ends.get(address)?.attempts ?? 0) + 1,
        at: endedAt,
        outcome,
        ...(end.kind === "due again" && { dueAt: end.dueAt }),
        ...(report !== undefined && told?.due === true && { report }),
      });
  for (const row of rows.filter((one) => one.message === message)) {
    const { forwardPath: address, attempts: count, state, last } = row;
    ends.set(address, {
      address,
      state: state.kind,
      attempts: count,
      ...(last !== undefined && last),
      ...(state.kind === "waiting" && { dueAt: state.dueAt }),
    });
  }
  return [...ends.values()];
}

export function endLines({ message, here, evidence, abroad }: MessageEnd): readonly string[] {
  const nowhere = here.length + evidence.length + abroad.length === 0;
  return [
    `delivery ${message}`,
    ...here.map((address) => `  <${address}> in its mailbox here since it was accepted`),
    ...evidence.map((address) => `  <${address}> kept as evidence of a relay test, in no mailbox`),
    ...abroad.map((one) => `  <${one.address}> ${abroadText(one)}`),
    ...(nowhere ? ["  what came of it is not known here any more"] : []),
  ];
}

function abroadText({ state, attempts, at, outcome, dueAt, report }: AbroadEnd): string {
  const when = at === undefined ? "" : ` at ${timeText(at)} UTC`;
  const said = outcome === undefined ? "" : `: ${outcomeText(outcome)}`;
  const times = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  switch (state) {
    case "delivered":
      return `delivered${when}, after ${times}${said}`;
    case "failed": {
      const told =
        report === undefined ? "nobody was told by a report of ours" : `reported by ${report}`;
      return `failed${when}, after ${times}, ${told}${said}`;
    }
    case "waiting": {
      const next = dueAt === undefined ? "" : `, the next at ${timeText(dueAt)} UTC`;
      return `in the queue after ${times}${next}${said}`;
    }
    case "held":
      return `held in the queue after ${times}: gatepost queue release${said}`;
    case "under way":
      return `under way now, after ${times}${said}`;
  }
}

function outcomeText({ reply, status }: Outcome): string {
  return reply?.lines.at(-1) ?? formatStatus(status);
}

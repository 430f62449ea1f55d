/**
 * Judges a run against our own server, where every answer has to be exactly the catalogue's and nothing may be
 * delivered beyond what it says. (Other servers refuse in words of their own, and need another judge.)
 */
import type { Case } from "./case.ts";
import type { Run } from "./runner.ts";
import { printableOctets } from "./transcript.ts";

/** A message that the server accepted in a session, as its sink saw it. */
export interface Acceptance {
  /** The mailboxes it was put into, as `local@domain`. */
  readonly mailboxes: readonly string[];
  /** Addresses elsewhere that it would be sent to. */
  readonly departures: readonly Departure[];
}

export interface Departure {
  /** Wire form, without brackets. */
  readonly address: string;
  /** There is a RelayGrant for it. */
  readonly granted: boolean;
}

export type Judgement =
  | { readonly kind: "right" }
  /** Mail would leave for somewhere it must not. */
  | { readonly kind: "relayed"; readonly to: readonly string[] }
  /** Another answer than the catalogue's, or other mailboxes. */
  | {
      readonly kind: "wrong";
      readonly what: string;
      readonly expected: string;
      readonly got: string;
    }
  | { readonly kind: "inconclusive"; readonly reason: string };

export function judgeExactly(
  { delivers, departs }: Case,
  { outcome }: Run,
  acceptances: readonly Acceptance[],
): Judgement {
  const abroad = acceptances.flatMap(({ departures }) => departures);
  const forbidden = abroad.filter(({ address, granted }) => !granted || !departs.includes(address));
  if (forbidden.length > 0) return { kind: "relayed", to: forbidden.map(({ address }) => address) };
  switch (outcome.kind) {
    case "failure":
      return { kind: "inconclusive", reason: outcome.reason };
    case "deviation":
      return wrong(`the answer to ${saidText(outcome.said)}`, outcome.expected, outcome.got);
    case "as expected":
      return judgeDeliveries(delivers, departs, acceptances);
  }
}

function judgeDeliveries(
  delivers: readonly string[],
  departs: readonly string[],
  acceptances: readonly Acceptance[],
): Judgement {
  const expected = delivers.length + departs.length === 0 ? [] : [messageText(delivers, departs)];
  const got = acceptances.map(({ mailboxes, departures }) =>
    messageText(
      mailboxes,
      departures.map(({ address }) => address),
    ),
  );
  return expected.join() === got.join()
    ? { kind: "right" }
    : wrong("what was delivered", expected, got);
}

function wrong(what: string, expected: readonly string[], got: readonly string[]): Judgement {
  return { kind: "wrong", what, expected: listText(expected), got: listText(got) };
}

function messageText(mailboxes: readonly string[], abroad: readonly string[]): string {
  const to = [
    ...mailboxes.toSorted(),
    ...abroad.toSorted().map((address) => `${address} (abroad)`),
  ];
  return `a message for ${to.join(" and ")}`;
}

function listText(list: readonly string[]): string {
  return list.length === 0 ? "nothing" : list.join(", ");
}

/** Longest quotation of what was said, in characters. */
const SAID_LIMIT = 80;

function saidText(octets: string): string {
  if (octets === "") return "the connection";
  const text = printableOctets(octets.endsWith("\r\n") ? octets.slice(0, -2) : octets);
  return text.length <= SAID_LIMIT ? text : `${text.slice(0, SAID_LIMIT)}…`;
}

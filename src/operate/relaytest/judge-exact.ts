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
  /** Recipients that nobody has here, in wire form: all that becomes of them is a report. */
  readonly reported?: readonly string[];
  /** A stranger elsewhere who would get a report about this message. */
  readonly tells?: string;
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
  { delivers, departs, reports, tells }: Case,
  { outcome }: Run,
  acceptances: readonly Acceptance[],
): Judgement {
  const abroad = acceptances.flatMap(({ departures }) => departures);
  const forbidden = abroad.filter(({ address, granted }) => !granted || !departs.includes(address));
  // A report to somebody who sent nothing is mail of the client's choosing to an address of his choosing.
  const told = tellsOf(acceptances).filter((to) => !tells.includes(to));
  if (forbidden.length + told.length > 0)
    return { kind: "relayed", to: [...forbidden.map(({ address }) => address), ...told] };
  switch (outcome.kind) {
    case "failure":
      return { kind: "inconclusive", reason: outcome.reason };
    case "deviation":
      return wrong(`the answer to ${saidText(outcome.said)}`, outcome.expected, outcome.got);
    case "as expected":
      return judgeDeliveries({ delivers, departs, reports, tells }, acceptances);
  }
}

function judgeDeliveries(
  { delivers, departs, reports, tells }: Pick<Case, "delivers" | "departs" | "reports" | "tells">,
  acceptances: readonly Acceptance[],
): Judgement {
  const isOne = delivers.length + departs.length + reports.length > 0;
  const expected = isOne ? [messageText(delivers, departs, reports, tells)] : [];
  const got = acceptances.map((one) =>
    messageText(
      one.mailboxes,
      one.departures.map(({ address }) => address),
      one.reported ?? [],
      tellsOf([one]),
    ),
  );
  return expected.join() === got.join()
    ? { kind: "right" }
    : wrong("what was delivered", expected, got);
}

function wrong(what: string, expected: readonly string[], got: readonly string[]): Judgement {
  return { kind: "wrong", what, expected: listText(expected), got: listText(got) };
}

function tellsOf(acceptances: readonly Acceptance[]): readonly string[] {
  return acceptances.flatMap((one) => one.tells ?? []);
}

function messageText(
  mailboxes: readonly string[],
  abroad: readonly string[],
  reported: readonly string[],
  tells: readonly string[],
): string {
  const to = [
    ...mailboxes.toSorted(),
    ...abroad.toSorted().map((address) => `${address} (abroad)`),
    ...reported.toSorted().map((address) => `${address} (nobody)`),
  ];
  const told = tells.length === 0 ? "" : `, of which ${tells.join(" and ")} would be told`;
  return `a message for ${to.join(" and ")}${told}`;
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

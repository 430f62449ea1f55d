/** A message in the queue as a person reads it: what is the same for all its recipients once, then each of them. */
import { formatStatus, visible, type Carrier, type StoredGrant } from "../../mail/index.ts";
import { octetsText } from "../../runtime/index.ts";
import type { QueueRow, QueueState, WhomToTell } from "../../store/index.ts";
import { carrierFields } from "../journal/index.ts";
import type { CarrierOf } from "./carriers.ts";
import { noteTexts, senderText } from "./row-text.ts";
import { localTimeText, relativeText } from "./times.ts";

/** Lines about the rows, which are of one message; there is at least one. */
export function messageLines(
  rows: readonly QueueRow[],
  now: number,
  carrierOf: CarrierOf,
): readonly string[] {
  const [first] = rows;
  if (first === undefined) throw new RangeError("a message without rows");
  return [
    ...headLines(first, now),
    ...rows.flatMap((row) => ["", ...recipientLines(row, now, carrierOf(row))]),
  ];
}

function headLines(row: QueueRow, now: number): readonly string[] {
  const { ret, envid, body, smtputf8, requireTls } = row.parameters;
  return [
    field("message", `${row.message}, ${octetsText(row.octets)}`),
    field("accepted", moment(row.acceptedAt, now)),
    field("sender", senderText(row)),
    field("login", row.login ?? "none"),
    field("reports", TELL[row.tell]),
    ...evidenceLines(row),
    ...asked([
      ["body", body === "8BITMIME" ? body : undefined], // the other one asks for nothing
      ["SMTPUTF8", smtputf8 ? "yes" : undefined],
      ["REQUIRETLS", requireTls === true ? "yes" : undefined],
      ["RET", ret],
      ["ENVID", envid],
    ]),
  ];
}

/** What shows that a stranger's address is his. */
function evidenceLines({ evidence }: QueueRow): readonly string[] {
  const { spf, dmarc } = evidence ?? {};
  const shown = [
    ...(spf === undefined ? [] : [`SPF pass of ${spf}`]),
    ...(dmarc === undefined
      ? []
      : [`DMARC pass of ${dmarc.author}, its sender of ${dmarc.sender}`]),
  ];
  return shown.length === 0 ? [] : [field("was seen", visible(shown.join("; ")))];
}

const TELL: Readonly<Record<WhomToTell, string>> = {
  "own user": "of failures and delays go to the sender, a user of ours",
  "proved sender": "of failures go to the sender, who was verified",
  nobody: "go to nobody: the sender's address may be forged",
};

function recipientLines(
  row: QueueRow,
  now: number,
  carrier: Carrier | undefined,
): readonly string[] {
  const { notify, orcpt } = row.parameters;
  return [
    field("recipient", `${visible(row.forwardPath)}, ${row.id} in the queue`),
    field("state", stateText(row.state, now)),
    ...noteTexts(row).map((note) => field("note", note)),
    field("attempts", attemptsText(row, now)),
    ...lastLines(row),
    ...(carrier === undefined ? [] : carrierFields(carrier)).map(([name, value]) =>
      field(name, visible(value)),
    ),
    field("next hop", visible(row.destination)),
    ...rightLines(row),
    ...(row.delayReported ? [field("delay", "has been reported")] : []),
    ...asked([
      ["NOTIFY", notify?.join(",")],
      ["ORCPT", orcpt],
    ]),
  ];
}

function stateText(state: QueueState, now: number): string {
  switch (state.kind) {
    case "waiting":
      return state.dueAt <= now
        ? `due since ${moment(state.dueAt, now)}`
        : `waiting for the next attempt, ${moment(state.dueAt, now)}`;
    case "held":
      return "held until `gatepost queue release`";
    case "under way":
      return `under way; if it is not heard of again, the next attempt is at ${moment(state.until, now)}`;
  }
}

function attemptsText({ attempts, last }: QueueRow, now: number): string {
  if (attempts === 0) return "none yet";
  return last === undefined
    ? `${attempts}, of which nobody saw the end`
    : `${attempts}, the last at ${moment(last.at, now)}`;
}

/** The other server's words as they came, a line each; our own where there are none. */
function lastLines({ last }: QueueRow): readonly string[] {
  if (last === undefined) return [];
  const { status, reply } = last.outcome;
  const ours = [
    field("outcome", visible(formatStatus(status))),
    ...(status.reason === undefined ? [] : [field("because", visible(status.reason))]),
  ];
  if (reply === undefined) return ours;
  const said = reply.lines.map((line, i) => field(i === 0 ? "it said" : "", visible(line)));
  return [...ours, field("by", visible(reply.host)), ...said];
}

/** What is settled already has no right to leave: it is there until its sender has been told. */
function rightLines({ grant, settled }: QueueRow): readonly string[] {
  return grant === undefined
    ? [field("is settled", `${visible(formatStatus(settled))}; only reported`)]
    : [field("may leave", grantText(grant))];
}

/** Why mail for this domain may leave a server that is no open relay. */
function grantText({ basis, holder, domain }: StoredGrant): string {
  return `${BASES[basis]} ${visible(holder)}, to ${domain} only`;
}

const BASES: Readonly<Record<StoredGrant["basis"], string>> = {
  login: "by the login",
  network: "by the trusted network",
  peer: "by the trusted peer",
  route: "by the route",
  alias: "by the alias",
  return: "as the return of mail forwarded by",
  "own-notification": "as a report of this server,",
};

/** What the sender asked for, as it was said; nothing where nothing was. */
function asked(parts: readonly (readonly [string, string | undefined])[]): readonly string[] {
  const said = parts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${visible(value)}`],
  );
  return said.length === 0 ? [] : [field("asked for", said.join(", "))];
}

function moment(at: number, now: number): string {
  return `${localTimeText(at)}, ${relativeText(at, now)}`;
}

function field(name: string, value: string): string {
  return `${name.padEnd(11)}${value}`;
}

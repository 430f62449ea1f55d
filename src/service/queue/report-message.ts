/** One report as the store takes it: from the rows of the queue to RFC 3464, to mailboxes here and addresses abroad. */
import {
  headerSectionEnd,
  messageId,
  parseAddress,
  sessionId,
  SESSION_ID_ENTROPY_OCTETS,
  type Address,
  type MailboxId,
} from "../../mail/index.ts";
import {
  BOUNDARY_ENTROPY_OCTETS,
  buildReport,
  readEnvelopeId,
  readOriginalRecipient,
  type Action,
  type OriginalMessage,
  type ReportedRecipient,
  type ReportParts,
} from "../../protocol/dsn/index.ts";
import type { Departure, QueueRow, Report } from "../../store/index.ts";
import type { NotificationAbroad, QueueDeps } from "./deps.ts";
import type { Original } from "./original.ts";
import { reportProof } from "./report-proof.ts";
import type { Reportable } from "./settle.ts";

/** A recipient of whom there is something to report. */
export interface Fate extends Reportable {
  readonly action: Action;
}

export interface ReportedMessage {
  /** One of its rows: all have the same envelope. */
  readonly row: QueueRow;
  readonly to: Address;
  readonly fates: readonly [Fate, ...Fate[]];
  readonly original: Original;
  readonly now: number;
  readonly mailboxes: readonly MailboxId[];
  readonly abroad: readonly NotificationAbroad[];
}

/** It is in its last place here, so it has a Return-Path (RFC 5321 §4.4), which stays when the report goes abroad. */
const HEAD = Buffer.from("Return-Path: <>\r\n");

/** Rejects when the keys cannot be read now. */
export async function composeReport(
  { row, to, fates, original, now, mailboxes, abroad }: ReportedMessage,
  { site, signing, random }: Pick<QueueDeps, "site" | "signing" | "random">,
): Promise<Report> {
  const id = messageId(sessionId(random.octets(SESSION_ID_ENTROPY_OCTETS)), 1);
  const [first, ...others] = fates;
  const { hostname, postmaster } = site();
  const parts = buildReport({
    hostname,
    postmaster,
    to,
    at: now,
    id,
    entropy: random.octets(BOUNDARY_ENTROPY_OCTETS),
    original: originalMessage(row, original),
    recipients: [reported(first, now), ...others.map((fate) => reported(fate, now))],
  });
  const content = contentOf(parts, original);
  const signature = abroad.length > 0 ? await signed(content, postmaster, signing) : NOTHING;
  return {
    id,
    head: Buffer.concat([HEAD, signature]),
    content,
    mailboxes,
    proof: reportProof(row, to),
    ...(abroad.length > 0 && {
      departure: departure(parts, row.parameters.requireTls, abroad, now),
    }),
  };
}

const NOTHING = new Uint8Array(0);

/** For the domain of the postmaster, who is in From, so that DMARC finds them aligned; the null path gives SPF only our own name. */
async function signed(
  content: Uint8Array,
  { host }: Address,
  signing: QueueDeps["signing"],
): Promise<Uint8Array> {
  const signature = host.kind === "domain" ? signing.open(host.domain) : undefined;
  const end = headerSectionEnd(content);
  signature?.body(content.subarray(end));
  return signature?.finish(content.subarray(0, end)) ?? NOTHING;
}

function originalMessage(row: QueueRow, { headerSection, whole }: Original): OriginalMessage {
  const { parameters, message, acceptedAt } = row;
  const { envid, smtputf8 } = parameters;
  const envelopeId = envid === undefined ? undefined : readEnvelopeId(envid);
  return {
    id: message,
    arrivedAt: acceptedAt,
    ...(envelopeId !== undefined && { envelopeId }),
    returned: whole === undefined ? "HDRS" : "FULL",
    smtputf8,
    body: whole?.every((octet) => octet < 128) === true ? "7BIT" : "8BITMIME",
    headerSection,
  };
}

function reported(fate: Fate, now: number): ReportedRecipient {
  const { row, action, outcome, last, retryUntil } = fate;
  const { orcpt, smtputf8 } = row.parameters;
  const originalRecipient =
    orcpt === undefined ? undefined : readOriginalRecipient(orcpt, smtputf8);
  const { reply } = last;
  return {
    action,
    finalRecipient: finalRecipient(row.forwardPath),
    ...(originalRecipient !== undefined && { originalRecipient }),
    status: outcome.status,
    lastAttempt: {
      at: now,
      status: last.status,
      ...(reply !== undefined && { remote: { host: reply.host, words: reply.lines } }),
    },
    ...(action === "delayed" && { retryUntil }),
  };
}

function finalRecipient(forwardPath: string): Address {
  const address = parseAddress(forwardPath);
  if (typeof address === "string") throw new Error(`${forwardPath} in the queue is no address`);
  return address;
}

function contentOf({ head, between, tail }: ReportParts, { whole }: Original): Uint8Array {
  if (between === "nothing") return Buffer.concat([head, tail]);
  if (whole === undefined) throw new Error("a report wants a message that was not read");
  return Buffer.concat([head, whole, tail]);
}

/**
 * What is to go to verified servers only is reported over such alone too (RFC 8689 §5). The null path is never answered, so nobody is
 * told when the report itself does not arrive.
 */
function departure(
  { parameters: { body, smtputf8 } }: ReportParts,
  requireTls: true | undefined,
  abroad: readonly NotificationAbroad[],
  now: number,
): Departure {
  return {
    reversePath: "",
    tell: "nobody",
    acceptedAt: now,
    keptOctets: HEAD.length,
    smtputf8,
    ...(requireTls !== undefined && { requireTls }),
    ...(body !== undefined && { body }),
    recipients: abroad.map((place) => ({ ...place, dueAt: now })),
  };
}

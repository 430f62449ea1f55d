/**
 * What is committed of a message that was taken: head, mailboxes, rows for those abroad, and the count of a login's
 * sending; all of it from what the session has found out, nothing is asked any more.
 */
import type { Ip, Login, MessageId, SenderEvidence } from "../../mail/index.ts";
import type { TlsFacts } from "../../protocol/dialogue/index.ts";
import type { Acceptance, SentMessage } from "../../store/index.ts";
import { departureOf } from "./departures.ts";
import type { Intake } from "./intake.ts";
import { placesHere } from "./report-mail.ts";
import { traceHead } from "./trace.ts";
import type { Transaction } from "./transaction.ts";

/** The session, as far as a message shows it. */
export interface SessionSeen {
  readonly hostname: string;
  readonly helo: { readonly verb: "EHLO" | "HELO"; readonly name: string };
  readonly ip: Ip;
  readonly tls?: TlsFacts;
  readonly login?: Login;
}

export interface Taken {
  readonly id: MessageId;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the content as it came. */
  readonly octets: number;
  readonly transaction: Transaction;
  readonly intake: Intake;
  /** What we add below the trace: the fields that a submission lacks, and above them its signatures. */
  readonly added: Uint8Array;
  /** The sender is known to be an address of ours, and this client to speak for it. */
  readonly ownSender: boolean;
  /** The sender's own domain vouches for it. */
  readonly verified: boolean;
  readonly evidence?: SenderEvidence;
  readonly sending?: SentMessage;
  /** Who may be held to what it reports. */
  readonly reporter?: string;
}

export function acceptanceOf(
  taken: Taken,
  { hostname, helo, ip, tls, login }: SessionSeen,
): Omit<Acceptance, "record"> {
  const { id, at, octets, transaction, intake, added, ownSender, verified } = taken;
  const { evidence, sending, reporter } = taken;
  const { onlyRecipient, reversePath, parameters } = transaction;
  const { head, returnPathOctets } = traceHead({
    reversePath,
    ...(onlyRecipient !== undefined && { onlyRecipient }),
    helo,
    ip,
    hostname,
    ...(tls !== undefined && { tls }),
    loggedIn: login !== undefined,
    smtputf8: parameters.smtputf8,
    id,
    at,
  });
  const departure = departureOf(transaction, {
    id,
    verified,
    ...(evidence !== undefined && { evidence }),
    ...(login !== undefined && { login: login.address }),
    ownSender,
    acceptedAt: at,
    keptOctets: returnPathOctets,
    eightBit: intake.eightBit,
    eightBitHeader: intake.eightBitHeader,
  });
  return {
    id,
    head: added.length === 0 ? head : Buffer.concat([head, added]),
    ...placesHere(transaction, octets, { ip, at, ...(reporter !== undefined && { reporter }) }),
    ...(departure !== undefined && { departure }),
    ...(sending !== undefined && { sending }),
  };
}

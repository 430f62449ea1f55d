/**
 * Mail that leaves: from the rights that policy gave to the rows that the queue will hold. A forward gets a return path of
 * ours, for the sender's own domain has not said that we may send for it.
 */
import {
  formatAddress,
  type Domain,
  type DsnRecipientParameters,
  type MessageId,
  type ReversePath,
  type SenderEvidence,
} from "../../mail/index.ts";
import type { GrantedAddress } from "../../policy/checks/index.ts";
import type { AddressAbroad } from "../../policy/routing/index.ts";
import type { Departure, WhomToTell } from "../../store/index.ts";
import type { Departing, Transaction } from "./transaction.ts";

/** What receiving needs to know about the ways out. */
export interface WaysOut {
  /** The queue's key of the next hop. */
  destination(address: AddressAbroad): string;
  /** A domain of ours whose mailboxes are on another host. It takes all mail from us, whoever sent it. */
  isGatewayDomain(domain: Domain): boolean;
  /** Where reports about a forward return to, wire form: a strange sender is written into an address of the alias's domain. */
  returnPath(sender: ReversePath, alias: string): string;
  /** Something has been put into the queue. */
  wake(): void;
}

/** What is to be sent for one recipient. */
export function departing(
  granted: readonly GrantedAddress[],
  sender: ReversePath,
  parameters: DsnRecipientParameters,
  ways: WaysOut,
): readonly Departing[] {
  return granted.map(({ abroad, grant }) => {
    const row = { forwardPath: abroad.address, grant, destination: ways.destination(abroad) };
    if (grant.basis !== "alias") return { ...row, ...parameters };
    // A forward is a new submission: what the sender asked for ended at the alias (RFC 3461 §5.2.7).
    return ways.isGatewayDomain(abroad.domain)
      ? row
      : { ...row, reversePath: ways.returnPath(sender, grant.holder) };
  });
}

export interface Leaving {
  readonly id: MessageId;
  readonly login?: string;
  /** The reverse-path is an address that this client is known to own here. */
  readonly ownSender: boolean;
  /** The sender's own domain vouches for it. */
  readonly verified: boolean;
  readonly evidence?: SenderEvidence;
  readonly acceptedAt: number;
  /** Of the head: what only a last server writes. */
  readonly keptOctets: number;
  /** An octet above 127 was seen in the content; in its header section. */
  readonly eightBit: boolean;
  readonly eightBitHeader: boolean;
}

/** A peer answers for the senders of its pairs, and the DNS for those whom it verifies. */
function whomToTell({ leavesByPeer }: Transaction, { ownSender, verified }: Leaving): WhomToTell {
  if (ownSender) return "own user";
  return leavesByPeer || verified ? "proved sender" : "nobody";
}

/** Undefined where nothing of it is queued. Reports alone have a destination of their own: nothing else keeps them waiting. */
export function departureOf(transaction: Transaction, leaving: Leaving): Departure | undefined {
  if (!transaction.isQueued) return undefined;
  const { reversePath, parameters, departing: rows, reported } = transaction;
  const { ret, envid, smtputf8, requireTls } = parameters;
  return {
    reversePath: reversePath === null ? "" : formatAddress(reversePath),
    ...(leaving.login !== undefined && { login: leaving.login }),
    tell: whomToTell(transaction, leaving),
    ...(leaving.evidence !== undefined && { evidence: leaving.evidence }),
    acceptedAt: leaving.acceptedAt,
    keptOctets: leaving.keptOctets,
    body: leaving.eightBit ? "8BITMIME" : "7BIT",
    // What the addresses need is seen from them; a client that could have used more did not say that it does.
    smtputf8: smtputf8 && leaving.eightBitHeader,
    ...(requireTls !== undefined && { requireTls }),
    ...(ret !== undefined && { ret }),
    ...(envid !== undefined && { envid }),
    recipients: [
      ...rows,
      ...reported.map((one) => ({ ...one, destination: `report on ${leaving.id}` })),
    ].map((row) => ({ ...row, dueAt: leaving.acceptedAt })),
  };
}

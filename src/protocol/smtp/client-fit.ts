/**
 * What a server's offers rule out before a word is said: a message too large for it, content or addresses that it has no
 * extension for. Nothing is converted on the way: that would break signatures (RFC 6152 §3 and RFC 6531 §3.2 leave
 * the choice), so the sender is told.
 */
import { isAscii, type ForwardPath, type ReversePath, type Status } from "../../mail/index.ts";
import type { Capabilities } from "./client-capabilities.ts";
import type { OutgoingTransaction } from "./client-requests.ts";
import * as statuses from "./client-statuses.ts";

/** For each recipient why it cannot be sent to; undefined where it can. */
export function misfits(
  transaction: OutgoingTransaction,
  capabilities: Capabilities,
  remote: string,
): readonly (Status | undefined)[] {
  const whole = messageMisfit(transaction, capabilities, remote);
  const address = capabilities.smtputf8 ? undefined : statuses.addressNeedsSmtputf8(remote);
  return transaction.recipients.map(
    ({ forwardPath }) => whole ?? (isAsciiPath(forwardPath) ? undefined : address),
  );
}

function messageMisfit(
  { octets, body, smtputf8, requireTls, reversePath }: OutgoingTransaction,
  { messageOctets, eightBitMime, smtputf8: offered, requireTls: keeps }: Capabilities,
  remote: string,
): Status | undefined {
  if (requireTls === true && !keeps) return statuses.needsRequireTls(remote);
  if (messageOctets !== undefined && octets > messageOctets)
    return statuses.tooLarge(remote, messageOctets);
  if (!offered && !isAsciiPath(reversePath)) return statuses.addressNeedsSmtputf8(remote);
  if (!offered && smtputf8) return statuses.headerNeedsSmtputf8(remote);
  if (!eightBitMime && body === "8BITMIME") return statuses.needs8BitMime(remote);
  return undefined;
}

/** Domains are A-labels: only a local part can be anything else. */
export function isAsciiPath(path: ReversePath | ForwardPath): boolean {
  return path === null || path === "postmaster" || isAscii(path.local);
}

/**
 * Mailboxes that no person writes to, in receiving's own words. Their mail is taken as any other; whoever brought it is then reported as
 * a host that may relay. Promises: nothing of it is asked, counted or hashed for mail that no trap gets, and no answer depends on it.
 */
import { createHash, type Hash } from "node:crypto";
import { sampleHead, type Ip, type MessageId, type Sample } from "../../mail/index.ts";
import type { Client } from "../../policy/checks/index.ts";
import type { RoutedMailbox } from "../../policy/routing/index.ts";
import { isOurs } from "./ours.ts";
import type { SessionCaller } from "./session-caller.ts";
import type { Transaction } from "./transaction.ts";

export interface Traps {
  /** Whoever brings mail from there is a stranger, who may be reported. */
  watches(ip: Ip): boolean;
  isTrap(mailbox: RoutedMailbox): boolean;
  /** A message has been stored for one. Returns at once and does not throw: its sender has his answer whatever comes of it. */
  caught(mail: Caught): void;
}

export interface Caught {
  readonly message: MessageId;
  /** Who brought it. */
  readonly ip: Ip;
  readonly trap: RoutedMailbox;
  readonly sample: Sample;
}

/**
 * The trap that is among the recipients, where it says something about the client. Our own people and peers are known and answer for
 * what they send; mail from the null path is a report on a message that somebody has sent in the trap's name (RFC 5321 §4.5.5).
 */
export function trapFor(
  traps: Traps | undefined,
  transaction: Transaction | undefined,
  client: Client,
  caller: Pick<SessionCaller, "current">,
): RoutedMailbox | undefined {
  const trap = traps && transaction?.trapAmong((mailbox) => traps.isTrap(mailbox));
  if (traps === undefined || trap === undefined || transaction?.reversePath === null)
    return undefined;
  return isOurs(client) || caller.current.kind === "peer" || !traps.watches(client.ip)
    ? undefined
    : trap;
}

/** A message's content while it comes in. */
export class Sampling {
  readonly trap: RoutedMailbox;
  readonly #hash: Hash = createHash("sha256");

  constructor(trap: RoutedMailbox) {
    this.trap = trap;
  }

  take(slice: Uint8Array): void {
    this.#hash.update(slice);
  }

  /** Once, when all of it has come. */
  sample(section: Uint8Array): Sample {
    return { sha256: this.#hash.digest("hex"), head: sampleHead(section) };
  }
}

/** Tells our own users whom a list has kept from writing to them. */
import type { Config } from "../config/index.ts";
import {
  formatAddress,
  formatLocalPart,
  messageId,
  parseAddress,
  SESSION_ID_ENTROPY_OCTETS,
  sessionId,
  type Address,
  type MailboxId,
} from "../mail/index.ts";
import {
  amnestyLines,
  amnestySubject,
  type AmnestyWindow,
  type KeptOut,
} from "../operate/lists/index.ts";
import { Routing } from "../policy/routing/index.ts";
import { systemClock, systemRandom } from "../runtime/index.ts";
import { deposit, letter, letterRecord } from "../service/postmaster/index.ts";
import type { CommitResult, Store } from "../store/index.ts";
import { gatewayHosts } from "./gateways.ts";
import { postmasterMailbox } from "./postmaster.ts";

export interface Amnesty {
  readonly list: string;
  readonly window: AmnestyWindow;
  readonly all: readonly KeptOut[];
}

export interface AmnestyMail {
  /** Of the mailbox. */
  readonly address: string;
  readonly senders: number;
  /** Absent: it is in the mailbox. */
  readonly problem?: string;
}

type AmnestyStore = Pick<Store, "directory" | "openMessage">;

/** One mail to each mailbox that somebody's mail would have come to; mailboxes elsewhere are not written to. */
export async function mailAmnesty(
  config: Config,
  store: AmnestyStore,
  amnesty: Amnesty,
): Promise<readonly AmnestyMail[]> {
  const mails: AmnestyMail[] = [];
  for (const [into, all] of byMailbox(config, store, amnesty.all)) {
    const entry = store.directory.mailboxById(into);
    const to = parseAddress(`${formatLocalPart(entry?.local ?? "")}@${entry?.domain ?? ""}`);
    if (typeof to === "string") continue; // it has gone this moment
    const result = await write(config, store, { ...amnesty, all, into, to });
    const problem = result.kind === "refused" ? { problem: result.why } : {};
    mails.push({ address: formatAddress(to), senders: all.length, ...problem });
  }
  return mails;
}

interface AmnestyLetter extends Amnesty {
  readonly into: MailboxId;
  readonly to: Address;
}

function write(
  { hostname, postmaster }: Config,
  store: AmnestyStore,
  { list, window, all, into, to }: AmnestyLetter,
): Promise<CommitResult> {
  const session = sessionId(systemRandom.octets(SESSION_ID_ENTROPY_OCTETS));
  const id = messageId(session, 1);
  const at = systemClock.now();
  const text = amnestyLines(list, window, all).join("\r\n");
  const content = letter({ id, hostname, postmaster, to, subject: amnestySubject(list), text, at });
  const record = letterRecord({
    session,
    at,
    octets: content.length,
    listener: "letter to a user",
    ip: "127.0.0.1", // the operator's command
    address: formatAddress(to),
    check: "list amnesty",
    evidence: { list, senders: all.length },
  });
  return deposit(content, { id, mailboxes: [into], record }, store);
}

function byMailbox(
  config: Config,
  { directory }: Pick<Store, "directory">,
  all: readonly KeptOut[],
): ReadonlyMap<MailboxId, readonly KeptOut[]> {
  const routing = new Routing({
    directory,
    postmaster: () => postmasterMailbox(config, directory),
    gateways: gatewayHosts(config),
  });
  const found = new Map<MailboxId, KeptOut[]>();
  for (const one of all) {
    const forwardPath = parseAddress(one.recipient);
    if (typeof forwardPath === "string") continue;
    for (const { id } of routing.route({ forwardPath, sourceRoute: false }).mailboxes) {
      const others = found.get(id);
      if (others === undefined) found.set(id, [one]);
      else others.push(one);
    }
  }
  return found;
}

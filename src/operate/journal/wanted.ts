/**
 * Which of the senders that a new policy would refuse are wanted here: whom our own people have written to, who has written often, and who
 * is known well. By the journal alone, as far back as it goes.
 */
import { isAtLeast } from "../../mail/index.ts";
import type { Journal } from "../../store/index.ts";
import type { RefusedSender } from "./rehearsal.ts";
import { relayFacts } from "./relay-facts.ts";
import { wasTaken } from "./rehearsing.ts";
import { transactionsIn, type PastTransaction } from "./transactions.ts";

export interface WantedSender extends RefusedSender {
  /** Logins of ours that have written to it; not all, where they are many. */
  readonly writtenToBy: readonly string[];
  /** Days (UTC) on which its mail was taken. */
  readonly days: number;
}

/** Senders that are looked up, those with the most mail first. */
export const LOOKED_UP = 1000;

/** Records looked at of each. */
const RECORDS = 200;
const LOGINS = 3;
/** Days on which somebody's mail was taken who is known here. */
const KNOWN_DAYS = 2;
const DAY_MS = 86_400_000;

export async function wantedAmong(
  senders: readonly RefusedSender[],
  journal: Pick<Journal, "find">,
): Promise<readonly WantedSender[]> {
  const wanted: WantedSender[] = [];
  for (const sender of senders.slice(0, LOOKED_UP)) {
    const looked = await lookedUp(sender, journal);
    const known = looked.days >= KNOWN_DAYS || isAtLeast(looked.level, "aligned");
    if (known || looked.writtenToBy.length > 0) wanted.push(looked);
  }
  return wanted;
}

/** The null sender is everybody's. */
async function lookedUp(
  sender: RefusedSender,
  journal: Pick<Journal, "find">,
): Promise<WantedSender> {
  const { address } = sender;
  if (address === "") return { ...sender, level: "none", writtenToBy: [], days: 0 };
  const records = await journal.find({ kind: "address", address, limit: RECORDS });
  const transactions = records.flatMap(transactionsIn);
  const logins = transactions.flatMap((one) => loginThatWrote(one, address));
  const taken = transactions.filter((one) => one.sender.address === address && wasTaken(one));
  const days = new Set(taken.map(({ session: { at } }) => Math.floor(at / DAY_MS)));
  return { ...sender, writtenToBy: [...new Set(logins)].slice(0, LOGINS), days: days.size };
}

function loginThatWrote({ recipients }: PastTransaction, to: string): readonly string[] {
  return recipients.flatMap(({ address, decision }) => {
    const { action } = decision;
    if (address !== to || action === "refuse" || action === "defer") return [];
    const { login } = relayFacts(decision);
    return typeof login === "string" ? [login] : [];
  });
}

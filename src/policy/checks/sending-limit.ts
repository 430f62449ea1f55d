/**
 * How much a login may send: a stolen password is the open relay of today. Asked at MAIL and at each RCPT, before any
 * content; the store counts once more when it commits. The answer says which limit it is and when it ends.
 */
import { status, type Login, type Status } from "../../mail/index.ts";
import {
  countsOf,
  reachedBy,
  roomAt,
  talliesOf,
  type LimitsOf,
  type SendingAccount,
  type SendingFacts,
} from "./sending-windows.ts";
import type { Check, Verdict } from "./verdict.ts";

/** Who counts, in policy's own words. Throws when it cannot be known. */
export interface SendingCounter {
  account(login: Login): SendingAccount;
  readonly limits: LimitsOf;
}

export interface SendingSubject {
  readonly login: Login;
  /** Recipients of this message that were accepted before; absent at MAIL. */
  readonly recipientsBefore?: number;
}

/** As the journal shows it. */
type SendingEvidence = Omit<SendingFacts, "sent"> & {
  /** The limit that is reached, in words. */
  readonly reached?: string;
  /** When there is room again, milliseconds since 1970. */
  readonly againAt?: number;
};

export const SENDING_LIMIT_CHECK = "sending limit";

export function sendingLimitCheck(counter: SendingCounter): Check<SendingSubject, SendingFacts> {
  return {
    name: SENDING_LIMIT_CHECK,
    gather: ({ login, recipientsBefore = 0 }) => {
      const account = counter.account(login);
      const facts = countsOf(login, account, recipientsBefore + 1);
      return reachedBy(facts, (factor) => counter.limits(factor)) === undefined
        ? facts
        : { ...facts, sent: talliesOf(account) };
    },
    judge: (facts) => judge(facts, counter),
    otherwise: ({ login }) => [
      "fewer within the hour or the day, or the same later",
      `a larger share for this mailbox: gatepost mailbox set ${login} --sending-limit`,
    ],
  };
}

/** Whether this verdict is about a limit that ends by itself: from then on, what else the login has in the queue is to be held. */
export function limitReached({ action, check, evidence }: Verdict): boolean {
  return action === "defer" && check === SENDING_LIMIT_CHECK && evidence["againAt"] !== undefined;
}

function judge(facts: SendingFacts, counter: SendingCounter): Verdict {
  const { sent: _, ...counts } = facts;
  const limit = reachedBy(facts, (factor) => counter.limits(factor));
  if (limit === undefined)
    return { action: "continue", check: SENDING_LIMIT_CHECK, evidence: counts };
  const { window, what, most, words, setting } = limit;
  const againAt = window && roomAt(facts, what, most, window.ms);
  const evidence: SendingEvidence = {
    ...counts,
    reached: words,
    ...(againAt !== undefined && { againAt }),
  };
  const said = window === undefined ? tooMany(words) : tooMuch(words, evidence);
  return { action: "defer", check: SENDING_LIMIT_CHECK, status: said, evidence, setting };
}

/** Of one message, as every server says it (RFC 5321 §4.5.3.1.10): the client sends the rest in another. */
function tooMany(words: string): Status {
  return status(452, "4.5.3", `sending limit of ${words} reached`, SOURCE);
}

function tooMuch(words: string, { againAt, askedAt }: SendingEvidence): Status {
  const again = againAt === undefined ? "" : `, again at ${timeText(againAt, askedAt)}`;
  return status(450, "4.7.1", `sending limit of ${words} reached${again}`, SOURCE);
}

const SOURCE = "policy/sending-limit";

/** "14:05 UTC", with its date where that is another day. No minute too early. */
function timeText(at: number, now: number): string {
  const minute = new Date(Math.ceil(at / 60_000) * 60_000).toISOString();
  const [date = "", time = ""] = minute.split("T");
  const today = new Date(now).toISOString().startsWith(date);
  return `${today ? "" : `${date} `}${time.slice(0, 5)} UTC`;
}

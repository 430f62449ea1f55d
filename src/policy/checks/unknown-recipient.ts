/**
 * A recipient whom nobody has here, where the operator has unknown ones reported by mail: of which kind it is then. What is taken has to be
 * reported, so only a sender is told whom SPF has verified already at RCPT; DMARC speaks behind the content, when there is one reply for
 * all recipients. Everybody else is refused at once, as without the setting.
 */
import type { ReversePath } from "../../mail/index.ts";
import type { RecipientClass } from "../routing/index.ts";
import { senderProof, type SenderFindings } from "./verified-sender.ts";

export interface UnknownSubject {
  readonly reversePath: ReversePath;
  readonly spf: NonNullable<SenderFindings["spf"]>;
  /** Of this message, taken to be reported before. */
  readonly before: number;
  /** How many of them a message may have. */
  readonly most: number;
  /** The sender's domain may be written to once more. */
  readonly room: boolean;
}

/** For the journal; `unreported` says why it is refused all the same. */
export type UnknownFacts = {
  readonly spf?: string;
  readonly spfDomain?: string;
  readonly unreported?: string;
};

export type UnknownClass = Extract<RecipientClass, `unknown ${string}`>;

export interface UnknownRecipient {
  readonly recipient: UnknownClass;
  readonly facts: UnknownFacts;
}

export function unknownRecipient(subject: UnknownSubject): UnknownRecipient {
  const { reversePath, spf } = subject;
  if (reversePath === null) return { recipient: "unknown mailbox", facts: {} };
  const facts: UnknownFacts = { spf: spf.result, spfDomain: spf.domain };
  const proof = senderProof(reversePath, { spf });
  if (proof === "undecided") return { recipient: "unknown mailbox, sender undecided", facts };
  const unreported = proof === "spf" ? obstacle(subject) : "SPF does not verify the sender";
  return unreported === undefined
    ? { recipient: "unknown mailbox, to be reported", facts }
    : { recipient: "unknown mailbox", facts: { ...facts, unreported } };
}

/** Why a sender who may be told is not. */
function obstacle({ before, most, room }: UnknownSubject): string | undefined {
  if (before >= most) return "one report names no more recipients";
  return before === 0 && !room ? "its domain has had its reports of this hour" : undefined;
}

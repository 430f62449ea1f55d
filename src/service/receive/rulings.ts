/** What the desk says, and what the journal keeps about it: one value for both. */
import {
  isTransient,
  status,
  type FactDecision,
  type MessageId,
  type Status,
} from "../../mail/index.ts";
import type { StageVerdict } from "../../policy/checks/index.ts";
import type { CommitResult } from "../../store/index.ts";
import type { NewEvent } from "../record/index.ts";

/** A decision and its words. */
export type Ruling = FactDecision & { readonly status: Status };

export const UNDECIDED = status(
  451,
  "4.3.0",
  "cannot decide at the moment, try again later",
  "receive",
);
export const TOO_MANY_BODIES = status(
  451,
  "4.3.2",
  "too many messages at once, try again later",
  "receive",
);
export const GAVE_WAY = status(
  451,
  "4.3.2",
  "too many messages at once, and this one came too slowly; try again later",
  "receive",
);
/** Of a report, or an answer that a program gave, to nobody but unknown recipients: nothing is reported about such. */
export const NOBODY = status(
  550,
  "5.1.1",
  "no such mailbox here, and nothing is reported about a report",
  "receive",
);
export const HEADER_TOO_LONG = status(552, "5.3.4", "header section too long", "receive");
const MAILBOX_GONE = status(451, "4.3.0", "a recipient has just changed, try again", "store");
const OVER_QUOTA = status(
  452,
  "4.2.2",
  "a recipient's mailbox has no room for this message",
  "store",
);
const SENDING_LIMIT = status(450, "4.7.1", "sending limit reached, try again later", "store");

const NEVER_FITS = status(
  552,
  "5.2.2",
  "the message is larger than a recipient's mailbox",
  "store",
);

export function accepted(id: MessageId): Status {
  return status(250, "2.0.0", `accepted as ${id}`, "receive");
}

/** `neverFits`: not even into the mailbox when it is empty. */
export function notStored(
  { why, mailbox }: CommitResult & { readonly kind: "refused" },
  neverFits: boolean,
): Ruling {
  switch (why) {
    case "mailbox gone":
      return ruling("store", MAILBOX_GONE, { why, mailbox });
    case "over quota":
      return ruling("store", neverFits ? NEVER_FITS : OVER_QUOTA, { why, mailbox });
    case "sending limit":
      return ruling("store", SENDING_LIMIT, { why, mailbox });
    case "noticed before":
      return ruling("store", UNDECIDED, { why, mailbox }); // of notices, which no session hands in
  }
}

export function refusalOf(verdict: StageVerdict): Ruling | undefined {
  if (verdict.action !== "refuse" && verdict.action !== "defer") return undefined;
  const { check, action, status: said, evidence, checks } = verdict;
  return { check, action, status: said, evidence, checks };
}

/** What it says and what each check had to say to it. */
export function decisionOf({ check, action, evidence, checks }: StageVerdict): FactDecision {
  return { check, action, evidence, checks };
}

export function ruling(check: string, said: Status, evidence: FactDecision["evidence"]): Ruling {
  return { check, action: isTransient(said) ? "defer" : "refuse", status: said, evidence };
}

/** A no to DATA or BDAT, as the journal keeps it. */
export function contentRefused(chunked: boolean, said: Status): NewEvent {
  return { kind: "refused", command: chunked ? "BDAT" : "DATA", status: said };
}

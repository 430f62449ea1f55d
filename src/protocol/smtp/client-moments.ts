/** Where a session stands: how long the server may take there, and how a person is told that it happened there. */
import type { OpeningStage } from "./client-opening.ts";
import type { SmtpClientLimits } from "./client-requests.ts";
import type { ClientTransaction } from "./client-transaction.ts";

/** Whose turn it is. */
export type Turn =
  | "ours" // nothing is unanswered
  | "server"
  | "desk" // an ask is open: what comes waits
  | "wire" // it has to take the content so far
  | "handshake";

/** What is to be said next, or was said last. */
export type Stage =
  | OpeningStage
  | "AUTH" // what the login's exchange has next
  | "idle" // the desk is asked for a transaction
  | "transfer" // a transaction
  | "QUIT";

export interface Moment {
  readonly stage: Stage;
  readonly turn: Turn;
  /** The kind of the oldest command of a transaction that has no reply. */
  readonly awaited: ClientTransaction["awaited"];
}

export function patienceAt({ stage, turn, awaited }: Moment, limits: SmtpClientLimits): number {
  if (stage === "greeting") return limits.greetingTimeMs;
  if (stage === "QUIT") return limits.quitTimeMs;
  if (turn === "wire") return limits.blockTimeMs;
  if (awaited === "DATA") return limits.dataTimeMs;
  return awaited === "DOT" ? limits.finalTimeMs : limits.commandTimeMs;
}

/** As the end of a sentence. */
export function momentText({ stage, awaited }: Moment): string {
  switch (stage) {
    case "greeting":
      return "before its greeting";
    case "EHLO":
    case "HELO":
    case "LHLO":
    case "STARTTLS":
    case "AUTH":
    case "QUIT":
      return `after ${stage}`;
    case "idle":
      return "between two messages";
    case "transfer":
      if (awaited === undefined) return "in the middle of the message";
      return awaited === "DOT" ? "after the whole message" : `after ${awaited}`;
  }
}

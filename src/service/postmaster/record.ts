/** What the journal keeps of a letter, so that `explain` shows what was written about or to somebody. */
import { messageId, type Facts, type SessionFacts, type SessionId } from "../../mail/index.ts";
import type { SessionRecord } from "../../store/index.ts";

export interface LetterRecord {
  readonly session: SessionId;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly octets: number;
  /** To whom, in words: "notice to the operator". */
  readonly listener: string;
  /** Whom it is about; of the letter that is about nobody in particular, this machine. */
  readonly ip: string;
  readonly address: string;
  /** What has led to it. */
  readonly check: string;
  readonly evidence: Facts;
}

export function letterRecord(letter: LetterRecord): SessionRecord {
  const { session, at, octets, listener, ip, address, check, evidence } = letter;
  const decision = { check, action: "accept", evidence } as const;
  const message = messageId(session, 1);
  const facts: SessionFacts = {
    v: 1,
    protocol: "smtp",
    session,
    at,
    endedAt: at,
    listener,
    ip,
    events: [{ at: 0, kind: "message", message, octets, decision }],
    ending: "sent",
  };
  return { session, at, ip, addresses: [address], json: JSON.stringify(facts) };
}

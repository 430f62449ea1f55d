/** What a report is about (RFC 3464), as values: one message, one moment, all recipients whose fate is reported then. */
import type {
  Address,
  BodyType,
  Domain,
  MessageId,
  OriginalRecipient,
  ReturnedContent,
  Status,
} from "../../mail/index.ts";

/** RFC 3464 §2.3.3. */
export type Action =
  | "failed"
  /** Still being tried. */
  | "delayed"
  | "delivered"
  /** Handed to a server that cannot report further. */
  | "relayed"
  /** Handed to the members of a list, of whom nothing more is reported. */
  | "expanded";

export function isSuccess(action: Action): boolean {
  return action !== "failed" && action !== "delayed";
}

export interface Report {
  /** The server that reports; also the domain of the Message-ID. */
  readonly hostname: Domain;
  /** Who the report is from: a person who answers it reaches somebody who can help. Programs answer the null reverse-path: nobody. */
  readonly postmaster: Address;
  /** The reverse-path of the message. It cannot be null: nothing is reported about a report. */
  readonly to: Address;
  /** Now; milliseconds since 1970, as all times here. */
  readonly at: number;
  /** The report's own. */
  readonly id: MessageId;
  /** `BOUNDARY_ENTROPY_OCTETS` random octets that nobody has seen: the boundary is made of them. */
  readonly entropy: Uint8Array;
  readonly original: OriginalMessage;
  readonly recipients: readonly [ReportedRecipient, ...ReportedRecipient[]];
}

export interface OriginalMessage {
  /** Under which our journal knows it. */
  readonly id: MessageId;
  readonly arrivedAt: number;
  /** ENVID, decoded. */
  readonly envelopeId?: string;
  /** RET; absent where the sender did not say it. */
  readonly returned?: ReturnedContent;
  /** What MAIL said. Who sends with SMTPUTF8 can read a report in UTF-8. */
  readonly smtputf8: boolean;
  /** 7BIT only where every octet is known to be ASCII: senders forget to say 8BITMIME. */
  readonly body: BodyType;
  /** With or without the blank line at its end. */
  readonly headerSection: Uint8Array;
}

export interface ReportedRecipient {
  readonly action: Action;
  /** To whom it was sent on in the end. */
  readonly finalRecipient: Address;
  /** ORCPT: whom the sender wrote to. */
  readonly originalRecipient?: OriginalRecipient;
  /** What came of it. When time ran out: 5.4.7, and `lastAttempt` has what stood in the way. */
  readonly status: Status;
  readonly lastAttempt?: Attempt;
  /** Of a delay: when we give up. */
  readonly retryUntil?: number;
}

export interface Attempt {
  readonly at: number;
  readonly status: Status;
  /** The server that was asked; absent where none was reached, or it was ours. */
  readonly remote?: RemoteServer;
}

export interface RemoteServer {
  /** Its name, perhaps with its address in brackets behind it; or its address. */
  readonly host: string;
  /** Its reply, line by line as it came, codes included. Only what was really said; else none. */
  readonly words: readonly string[];
}

/**
 * What one session did, in the form in which the journal keeps it and `explain` reads it again. JSON-safe,
 * without bodies, passwords or keys. The room that runs a session writes it; the store never looks inside.
 */
import { formatHost, localKey, parseAddress, type Address } from "./address.ts";
import type { Facts, FactValue } from "./facts.ts";
import type { IdentityLevel } from "./identity-level.ts";
import type { MessageId, SessionId } from "./session-id.ts";
import type { Status } from "./status.ts";

/** One record of a session: what happened since its last record, or since its beginning. */
export interface SessionFacts {
  /** Version of this shape; a reader that does not know it shows the JSON as it stands. */
  readonly v: 1;
  readonly protocol: "smtp" | "pop3";
  readonly session: SessionId;
  /** When the session began, milliseconds since 1970. */
  readonly at: number;
  /** When it ended; only in its last record. */
  readonly endedAt?: number;
  /** The listener's name in the configuration. */
  readonly listener: string;
  readonly ip: string;
  readonly port?: number;
  /** The trusted proxy it came through (PROXY protocol); `ip` is whom it named, or itself. */
  readonly proxied?: string;
  readonly tls?: { readonly version: string; readonly cipher: string };
  /** Of the certificate that the client showed; absent where it showed none. */
  readonly caller?: CallerFacts;
  /** What the client called itself. */
  readonly helo?: string;
  /** At most `EVENT_LIMIT`, oldest first. */
  readonly events: readonly FactEvent[];
  /** Events beyond the limit. */
  readonly eventsLeftOut?: number;
  /** Why the session ended, in the engine's words; only in its last record. */
  readonly ending?: string;
}

/** A client's certificate, and who it is by that. */
export interface CallerFacts {
  /** SHA-256 of its DER, and of the public key in it, by which a peer can be pinned; 64 hexadecimal digits. */
  readonly certificate: string;
  readonly key?: string;
  /** What it is for, as it stands in it; not all, where they are many. */
  readonly names: readonly string[];
  readonly level: "none" | "certificate" | "pinned";
  /** The operator's name for it. */
  readonly peer?: string;
  /** Why it is nothing. */
  readonly reason?: string;
}

/** Events kept in one record. */
export const EVENT_LIMIT = 100;

/** A step of the session; `at` is milliseconds since the session began, addresses are journal keys. */
export type FactEvent =
  /** MAIL; "" is the null reverse-path. */
  | {
      readonly at: number;
      readonly kind: "sender";
      readonly address: string;
      readonly decision?: FactDecision;
    }
  /** RCPT and what was decided. */
  | {
      readonly at: number;
      readonly kind: "recipient";
      readonly address: string;
      readonly decision: FactDecision;
    }
  /** All content is in, and what became of the message. */
  | {
      readonly at: number;
      readonly kind: "message";
      readonly message: MessageId;
      readonly octets: number;
      /** What the message itself is called in its Message-ID field, with angle brackets. */
      readonly messageId?: string;
      readonly decision: FactDecision;
    }
  /** What was found out about where a stranger's message comes from; results in the words of RFC 8601. */
  | {
      readonly at: number;
      readonly kind: "origin";
      readonly spf: string;
      /** Of MAIL FROM; of HELO, where there is none. */
      readonly spfDomain: string;
      /** One for each signature, with commas between. */
      readonly dkim: string;
      readonly dmarc: string;
      /** The author's domain, where there is one author. */
      readonly author?: string;
      /** What that domain asks for, of a failure. */
      readonly policy?: string;
      /** Of the chain that it brings: none, pass or fail. */
      readonly arc: string;
      readonly iprev: string;
      readonly level: IdentityLevel;
      /** Why not all of it could be found out. */
      readonly reason?: string;
    }
  /** What an alias forwards got an ARC seal of the domain, after what was found out about it; or none, and why. */
  | {
      readonly at: number;
      readonly kind: "seal";
      readonly domain: string;
      readonly sealed?: {
        /** Of the new set. */
        readonly instance: number;
        /** Of the chain that the message brought: none, pass or fail; so too the results of the others. */
        readonly arc: string;
        readonly spf: string;
        /** One for each signature, with commas between. */
        readonly dkim: string;
        readonly dmarc: string;
      };
      readonly reason?: string;
    }
  /** The engine itself refused: grammar, order, limits. The command is shortened and printable. */
  | {
      readonly at: number;
      readonly kind: "refused";
      readonly command: string;
      readonly status: Status;
    }
  /** A login was tried; `result` in one or two words. */
  | {
      readonly at: number;
      readonly kind: "login";
      readonly login: string;
      readonly result: string;
      /** "USER", or the SASL mechanism; absent where it did not get so far. */
      readonly mechanism?: string;
      /** The name of the app password that was used. */
      readonly appPassword?: string;
      /** The name of the certificate that was shown. */
      readonly certificate?: string;
      /** Milliseconds it was held back, because of wrong passwords before it. */
      readonly slowedMs?: number;
    }
  /** A maildrop was let go, after so many messages were fetched and deleted. */
  | {
      readonly at: number;
      readonly kind: "maildrop";
      readonly retrieved: number;
      readonly deleted: number;
    };

export type FactAction = "accept" | "continue" | "defer" | "refuse" | "mark";

export interface FactDecision {
  /** The check that decided. */
  readonly check: string;
  readonly action: FactAction;
  /** The reply, when it was not the engine's plain yes. */
  readonly status?: Status;
  /** What it was judged on; in a record that is read again, what of it is not among the facts of its checks. */
  readonly evidence: Facts;
  /** Of each check of the stage, in their order; absent where none was asked, and in records of before they were kept. */
  readonly checks?: readonly CheckedFacts[];
}

/** What one check of a stage had gathered, and what it said, whoever decided. */
export interface CheckedFacts {
  readonly check: string;
  readonly action: FactAction;
  /** As they were gathered, before anything was judged. Absent: they were too large to keep. */
  readonly facts?: Facts;
  /** Absent where no setting has a say, and where the check had nothing against it. */
  readonly setting?: SettingFact;
}

/** The setting that a verdict hangs on, as it was then. */
export interface SettingFact {
  /** Dotted, as `--set` takes it. */
  readonly key: string;
  readonly value: FactValue;
}

/** Under which an address is found again in the journal: `local@domain`, the local part as a local key. */
export function journalKey(address: Address): string {
  return `${localKey(address.local)}@${formatHost(address.host)}`;
}

/** Of a path in wire form, without brackets; what is no address ("", the null path) stands as it is. */
export function storedPathKey(path: string): string {
  const address = parseAddress(path);
  return typeof address === "string" ? path : journalKey(address);
}

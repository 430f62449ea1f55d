/** What receiving needs of the rest of the house, handed in by app. */
import type { Ip, SessionId } from "../../mail/index.ts";
import type { Stages } from "../../policy/checks/index.ts";
import type { Routing } from "../../policy/routing/index.ts";
import type { TlsFacts } from "../../protocol/dialogue/index.ts";
import type { Clock, Log } from "../../runtime/index.ts";
import type { IdentityCounts, Journal, MessageDraft } from "../../store/index.ts";
import type { Accounts, CertificateLogins } from "../accounts/index.ts";
import type { Signing } from "../signing/index.ts";
import type { Sending } from "../sending/index.ts";
import type { Bodies } from "./bodies.ts";
import type { ClientLevels } from "./client-levels.ts";
import type { WaysOut } from "./departures.ts";
import type { Origins } from "./origin.ts";
import type { Callers } from "./session-caller.ts";
import type { ReceiveLimits } from "./settings.ts";
import type { TestReturns } from "./test-returns.ts";
import type { Traps } from "./traps.ts";
import type { UnknownRecipients } from "./unknown-recipients.ts";

/** What of the accounts is used. */
export type LoginAccounts = Pick<Accounts, "authenticate" | "openScram" | "stands"> & {
  readonly certificates: Pick<CertificateLogins, "mayBeKnown" | "login">;
};

export interface ReceiveDeps {
  readonly hostname: string;
  readonly limits: ReceiveLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly routing: Pick<Routing, "route">;
  readonly stages: Stages;
  /** The entry of `relay.networks` that holds an address. */
  trustedNetwork(ip: Ip): string | undefined;
  /** Lists are asked about what a header section says of where it comes from. */
  readonly asksLists: boolean;
  /** How well a client is known by its address. Absent: nobody is. */
  readonly clientLevels?: Pick<ClientLevels, "of">;
  /** Absent: whom nobody has here is refused, whoever asks. */
  readonly unknownRecipients?: Pick<UnknownRecipients, "most" | "spf" | "hasRoom" | "count">;
  readonly waysOut: WaysOut;
  /** Mail that may bring a report waits in the store. */
  reportCame(): void;
  /** Absent: there is no domain for what comes back of relay tests. */
  readonly testReturns?: TestReturns;
  /** Absent: there are none. */
  readonly traps?: Traps;
  /** Who may log in, on a port where one can. */
  readonly accounts: LoginAccounts;
  /** Who they are that have shown a certificate, on a port where clients are asked for one. */
  readonly callers: Callers;
  /** What logins send is counted here. */
  readonly sending: Pick<Sending, "message" | "reached">;
  readonly messages: { openMessage(): MessageDraft };
  readonly journal: Pick<Journal, "note">;
  /** How well it was known who wrote, for the operator. */
  readonly identityCounts: Pick<IdentityCounts, "note">;
  /** DKIM, for what a login sends away. */
  readonly signing: Pick<Signing, "open">;
  /** Who strangers' mail is from; and ARC, for what aliases send on. */
  readonly origins: Pick<Origins, "open">;
  /** Messages whose content is coming in now, over all sessions. */
  readonly bodies: Bodies;
  /** Calls back when it is time to greet, unless the returned function is called before. */
  greetingDelay(done: () => void): () => void;
  /** Undefined while the directory in force is the one that was proved; else a promise that it will be, or rejects. */
  directoryProved(): Promise<void> | undefined;
}

/** The other end of a session. */
export interface ReceivedFrom {
  readonly session: SessionId;
  readonly ip: Ip;
  readonly port: number;
  readonly listener: string;
  readonly proxy?: Ip;
  /** Where TLS stood from the beginning. */
  readonly tls?: TlsFacts;
}

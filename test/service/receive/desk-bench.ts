/** An SMTP desk on a bench: the real policy over a directory in memory, a store that does as it is told, a clock that stands. */
import assert from "node:assert/strict";
import {
  formatStatus,
  parseAddress,
  parseIp,
  parsePath,
  sessionId,
  type Address,
  type ForwardPath,
  type ReversePath,
  type SenderParameters,
  type SessionFacts,
} from "../../../src/mail/index.ts";
import { noGreetingDelay, type GreetingDelay } from "../../../src/net/index.ts";
import { stages, type SentTally, type Stages } from "../../../src/policy/checks/index.ts";
import { Routing } from "../../../src/policy/routing/index.ts";
import type { SmtpAnswer, SmtpAsk } from "../../../src/protocol/smtp/index.ts";
import { ManualClock, silentLog, type Fields, type Log } from "../../../src/runtime/index.ts";
import {
  Bodies,
  SmtpDesk,
  type LoginAccounts,
  type ReceiveDeps,
  type ReceivedFrom,
} from "../../../src/service/receive/index.ts";
import type {
  Acceptance,
  CommitResult,
  MailboxEntry,
  MessageDraft,
  SessionRecord,
} from "../../../src/store/index.ts";
import { accountsOf } from "../../support/accounts.ts";
import { domainOf, MemoryDirectory } from "../../support/memory-directory.ts";
import { UNLIMITED, UNWATCHED } from "../../support/unlimited.ts";
import { NO_WAYS_OUT } from "../../support/no-ways-out.ts";

export const SESSION = sessionId(new Uint8Array(12));

/** Keeps what it was given; `full` makes it ask for a pause. */
export class RecordingDraft implements MessageDraft {
  readonly #commit: (acceptance: Acceptance) => Promise<CommitResult>;
  readonly slices: string[] = [];
  readonly drains: (() => void)[] = [];
  full = false;
  commits: Acceptance[] = [];
  abandoned = 0;

  constructor(commit: (acceptance: Acceptance) => Promise<CommitResult>) {
    this.#commit = commit;
  }

  get content(): string {
    return this.slices.join("");
  }

  write(slice: Uint8Array, drained: () => void): boolean {
    this.slices.push(Buffer.from(slice).toString("latin1"));
    this.drains.push(drained);
    return !this.full;
  }

  commit(acceptance: Acceptance): Promise<CommitResult> {
    this.commits.push(acceptance);
    return this.#commit(acceptance);
  }

  abandon(): void {
    this.abandoned++;
  }
}

const LIMITS = { headerOctets: 1024, bodies: 2 };

/** All that a desk has around it; a test changes what it is about. */
const LIMITS_OF_A_LOGIN = {
  messagesPerHour: 1e6,
  recipientsPerHour: 1e6,
  messagesPerDay: 1e6,
  recipientsPerDay: 1e6,
  recipientsPerMessage: 1e6,
};

export class Bench {
  readonly clock = new ManualClock();
  readonly directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("admin@local.example", "user@local.example", "other@local.example");
  readonly bodies = new Bodies(this.clock);
  readonly drafts: RecordingDraft[] = [];
  readonly notes: SessionRecord[] = [];
  readonly errors: Fields[] = [];
  readonly warnings: Fields[] = [];
  readonly sessions: Fields[] = [];
  ways: Partial<
    Pick<
      ReceiveDeps,
      | "trustedNetwork"
      | "waysOut"
      | "sending"
      | "signing"
      | "origins"
      | "reportCame"
      | "callers"
      | "clientLevels"
      | "unknownRecipients"
      | "testReturns"
      | "traps"
      | "routing"
    >
  > = {};
  /** What the store makes of a commit. */
  commit: (acceptance: Acceptance) => Promise<CommitResult> = () =>
    Promise.resolve({ kind: "committed" });
  openMessage = (): RecordingDraft => {
    const draft = new RecordingDraft((acceptance) => this.commit(acceptance));
    this.drafts.push(draft);
    return draft;
  };
  directoryProved: () => Promise<void> | undefined = () => undefined;
  greetingDelay: GreetingDelay = noGreetingDelay;
  routing = new Routing({
    directory: this.directory,
    postmaster: () => this.directory.mailbox("admin", domainOf("local.example")),
    relayReports: addressOf("relays@local.example"),
  });
  /** What every login has sent lately. */
  sent: readonly SentTally[] = [];
  stages: Stages = stages({
    hops: 90,
    relayReports: true,
    spread: UNWATCHED,
    sending: {
      senders: {
        route: (recipient) => this.routing.route(recipient),
        senderGrants: (mailbox) => this.directory.senderGrants(mailbox),
      },
      counter: {
        ...UNLIMITED,
        limits: () => LIMITS_OF_A_LOGIN,
        account: (login) => ({
          ...UNLIMITED.account(login),
          sent: this.sent,
        }),
      },
    },
  });
  accounts: LoginAccounts = accountsOf((login) => this.mailboxOf(login), "secret");

  mailboxOf(address: string): MailboxEntry | undefined {
    const [local = "", domain = ""] = address.split("@");
    return domain === "" ? undefined : this.directory.mailbox(local, domainOf(domain));
  }

  /** The newest draft. */
  get draft(): RecordingDraft {
    const draft = this.drafts.at(-1);
    assert.ok(draft !== undefined, "no message was begun");
    return draft;
  }

  desk(from: Partial<ReceivedFrom> = {}): DeskOnBench {
    const ip = parseIp("192.0.2.9");
    assert.ok(ip !== undefined);
    return new DeskOnBench(
      new SmtpDesk(this.#deps(), { session: SESSION, ip, port: 4711, listener: "smtp", ...from }),
    );
  }

  /** What the journal was told at the end of the sessions. */
  get noted(): SessionFacts[] {
    return this.notes.map(factsOf);
  }

  #deps(): ReceiveDeps {
    const log: Log = {
      ...silentLog,
      info: (_event, fields = {}) => void this.sessions.push(fields),
      warn: (event, fields = {}) => void this.warnings.push({ event, ...fields }),
      error: (_event, fields = {}) => void this.errors.push(fields),
    };
    return {
      hostname: "mx.local.example",
      limits: LIMITS,
      clock: this.clock,
      log,
      routing: this.routing,
      stages: this.stages,
      accounts: this.accounts,
      messages: { openMessage: () => this.openMessage() },
      journal: { note: (record) => void this.notes.push(record) },
      bodies: this.bodies,
      ...NO_WAYS_OUT,
      ...this.ways,
      greetingDelay: (done) => this.greetingDelay(done),
      directoryProved: () => this.directoryProved(),
    };
  }
}

export function addressOf(text: string): Address {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string", text);
  return address;
}

export function factsOf({ json }: SessionRecord): SessionFacts {
  return JSON.parse(json) as SessionFacts; // the recorder has just written it
}

/** The desk with the engine's side played by the test; answers in one line. */
export class DeskOnBench {
  readonly desk: SmtpDesk;
  #inTransaction = false;

  constructor(desk: SmtpDesk) {
    this.desk = desk;
  }

  /** Replies that come at once are there at once; others are awaited. Exactly one is taken. */
  ask(ask: SmtpAsk): Promise<string> {
    return new Promise((resolve) => {
      let replies = 0;
      this.desk.ask(ask, (answer) => {
        assert.equal(++replies, 1, "one reply to one ask");
        resolve(line(answer));
      });
    });
  }

  /** The answer that was given in the same turn; undefined when it takes longer. */
  askNow(ask: SmtpAsk): string | undefined {
    let said: string | undefined;
    this.desk.ask(ask, (answer) => (said = line(answer)));
    return said;
  }

  helo(verb: "EHLO" | "HELO", name: string): Promise<string> {
    return this.ask({ kind: "helo", verb, name });
  }

  sender(path: string, parameters: Partial<SenderParameters> = {}): Promise<string> {
    const reversePath = reversePathOf(path);
    this.#inTransaction = true;
    return this.ask({
      kind: "sender",
      reversePath,
      parameters: { smtputf8: false, ...parameters },
    });
  }

  /** In a transaction from the null path, where there is none yet. */
  recipient(path: string): Promise<string> {
    if (!this.#inTransaction) void this.sender(""); // answered at once
    return this.ask(recipientAsk(path));
  }

  content(): Promise<string> {
    return this.ask({ kind: "content", chunked: false });
  }

  body(text: string, drained: () => void = () => {}): boolean {
    return this.desk.body(Buffer.from(text, "latin1"), drained);
  }

  end(octets: number): Promise<string> {
    return this.ask({ kind: "message", octets });
  }

  /** A transaction up to its content. */
  async begin(...recipients: readonly string[]): Promise<void> {
    await this.sender("sender@foreign.example");
    for (const recipient of recipients) assert.equal(await this.recipient(recipient), "proceed");
    assert.equal(await this.content(), "proceed");
  }

  /** A whole message to these recipients. */
  async deliver(content: string, ...recipients: readonly string[]): Promise<string> {
    await this.begin(...recipients);
    this.body(content);
    return this.end(content.length);
  }

  ended(ending: "quit" | "closed by client" = "quit"): void {
    this.desk.tell({ kind: "ended", ending });
  }
}

/** Of the one password that the bench's accounts know. */
export function credentials(password: string, login = "user@local.example"): SmtpAsk {
  return { kind: "credentials", mechanism: "PLAIN", login, password };
}

export function recipientAsk(path: string): SmtpAsk & { readonly kind: "recipient" } {
  const result = parsePath(`<${path}>`, 0, true);
  assert.ok(result.kind === "address" || result.kind === "postmaster", path);
  const forwardPath: ForwardPath = result.kind === "postmaster" ? result.kind : result.address;
  return {
    kind: "recipient",
    forwardPath,
    sourceRoute: result.kind === "address" && result.routed,
  };
}

export function reversePathOf(path: string): ReversePath {
  const result = parsePath(`<${path}>`, 0, true);
  if (result.kind === "address") return result.address;
  assert.equal(result.kind, "null", path);
  return null;
}

function line(answer: SmtpAnswer): string {
  return answer.kind === "status" || answer.kind === "end"
    ? formatStatus(answer.status)
    : answer.kind;
}

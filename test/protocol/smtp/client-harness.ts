/**
 * Feeds an SMTP client engine and holds it to the contract of Session: one ask at a time, what must be last is last,
 * `settled` once for each transaction, nothing after `ended`; and to the promise that only a whole message is ever delivered.
 */
import assert from "node:assert/strict";
import {
  formatStatus,
  outcomeKind,
  parseAddress,
  type Address,
  type ForwardPath,
} from "../../../src/mail/index.ts";
import { latin1, type Step, type Steps } from "../../../src/protocol/dialogue/index.ts";
import {
  SMTP_CLIENT_LIMITS,
  SmtpClientSession,
  type OutgoingTransaction,
  type SmtpClientAnswer,
  type SmtpClientAsk,
  type SmtpClientSettings,
  type SmtpClientTell,
} from "../../../src/protocol/smtp/index.ts";

export const CLIENT_SETTINGS: SmtpClientSettings = {
  hostname: "mx.local.example",
  remote: "mx.foreign.example",
  startTls: "opportunistic",
  limits: { ...SMTP_CLIENT_LIMITS, pipelinedCommands: 3, chunkOctets: 7 },
};

export function address(text: string): Address {
  const read = parseAddress(text);
  if (typeof read === "string") throw new Error(`${text}: ${read}`);
  return read;
}

export const CONTENT = Uint8Array.from(Buffer.from("Subject: x\r\n\r\n.one\r\n..\r\ntext\r\n"));

/** To so many recipients. */
export function transactionTo(recipients: number, octets = CONTENT.length): OutgoingTransaction {
  return {
    reversePath: address("alice@local.example"),
    recipients: Array.from({ length: recipients }, (_, i) => ({
      forwardPath: address(`r${i}@foreign.example`),
    })),
    octets,
    body: "7BIT",
    smtputf8: false,
  };
}

/** Whether so many recipients would be taken. */
export interface Query {
  readonly query: readonly ForwardPath[];
}

export function queryTo(recipients: number): Query {
  return { query: transactionTo(recipients).recipients.map(({ forwardPath }) => forwardPath) };
}

/** So many octets of the content, with dots stuffed and the end mark. */
function onTheWire(octets: number): string {
  const stuffed = latin1(CONTENT.slice(0, octets)).replaceAll(/^\./gm, "..");
  return `${stuffed}${stuffed === "" || stuffed.endsWith("\r\n") ? "" : "\r\n"}.\r\n`;
}

export class ClientHarness {
  readonly session: SmtpClientSession;
  /** Asks and tells in order; what was said, apart. */
  readonly events: string[] = [];
  said = "";
  asked: SmtpClientAsk | undefined;
  closed = false;
  handshake = false;
  flushing = false;
  /** What the desk still has. */
  readonly #left: (OutgoingTransaction | Query)[];
  #open: OutgoingTransaction | Query | undefined;
  /** Octets said before what is open. */
  #saidBefore = 0;
  #gone = false;
  #ended = 0;

  constructor(transactions: readonly (OutgoingTransaction | Query)[], settings = CLIENT_SETTINGS) {
    this.session = new SmtpClientSession(settings);
    this.#left = [...transactions];
    this.apply(this.session.start());
  }

  get waitsForServer(): boolean {
    return this.asked === undefined && !this.handshake && !this.flushing;
  }

  receive(octets: Uint8Array): void {
    const waits = this.waitsForServer || this.handshake;
    const steps = this.session.receive(octets.slice());
    if (!waits) assert.deepEqual(steps, [], "input waits while it is not the server's turn");
    this.apply(steps);
  }

  /** Gives the next transaction, or the octets that are asked for, or quits. */
  answer(): void {
    const { asked } = this;
    assert.ok(asked !== undefined);
    this.asked = undefined;
    this.apply(this.session.answer(this.#answerTo(asked)));
  }

  drained(): void {
    this.flushing = false;
    this.apply(this.session.drained());
  }

  secured(): void {
    this.handshake = false;
    this.apply(this.session.secured({ version: "TLSv1.3", cipher: "x" }));
  }

  /** Desk and wire do what they are asked to, until it is the server's turn. */
  settle(): void {
    while (!this.closed && !this.waitsForServer && !this.handshake) {
      if (this.asked !== undefined) this.answer();
      else this.drained();
    }
  }

  /** The end, as a conversation brings it about. */
  hangUp(): void {
    this.#gone = true;
    this.apply(this.session.closed());
    assert.equal(this.#ended, 1, "ended exactly once");
    assert.equal(this.#open, undefined, "each transaction is settled");
    assert.deepEqual(this.session.receive(Uint8Array.of(65)), []);
    assert.deepEqual(this.session.timeout(), []);
    assert.deepEqual(this.session.closed(), []);
  }

  apply(steps: Steps<SmtpClientAsk, SmtpClientTell>): void {
    steps.forEach((step, i) => {
      assert.ok(!this.closed, "nothing after close");
      if (this.#gone) assert.equal(step.kind, "tell", "only tells when nobody is there");
      this.#applyOne(step, i === steps.length - 1);
    });
    assert.ok(this.session.patienceMs() > 0);
  }

  #answerTo(ask: SmtpClientAsk): SmtpClientAnswer {
    if (ask.kind === "content") {
      assert.ok(ask.limit > 0);
      return { kind: "content", octets: CONTENT.slice(ask.offset, ask.offset + ask.limit) };
    }
    const transaction = this.#left.shift();
    if (transaction === undefined) return { kind: "quit" };
    this.#open = transaction;
    this.#saidBefore = this.said.length;
    return "query" in transaction
      ? { kind: "query", recipients: transaction.query }
      : { kind: "transaction", transaction };
  }

  #applyOne(step: Step<SmtpClientAsk, SmtpClientTell>, last: boolean): void {
    switch (step.kind) {
      case "send":
        assert.notEqual(step.data.length, 0);
        this.said += typeof step.data === "string" ? step.data : latin1(step.data);
        return;
      case "ask":
        assert.ok(last && this.asked === undefined, "an ask is last, and the only one open");
        this.events.push(`ask ${JSON.stringify(step.ask)}`);
        this.asked = step.ask;
        return;
      case "tell":
        return this.#tell(step.tell);
      case "flush":
        assert.ok(last);
        this.flushing = true;
        return;
      case "start-tls":
        assert.ok(last);
        this.handshake = true;
        return;
      case "close":
        assert.ok(last);
        assert.equal(this.#ended, 1, "ended is told before the close");
        this.closed = true;
        return;
      case "body":
        return assert.fail("a client receives no content");
    }
  }

  #tell(tell: SmtpClientTell): void {
    assert.equal(this.#ended, 0, "ended is the last tell");
    if (tell.kind === "ended") this.#ended++;
    if (tell.kind === "settled") this.#settled(tell);
    const status =
      tell.kind === "ended" && tell.status !== undefined ? formatStatus(tell.status) : "";
    const kinds = tell.kind === "settled" ? tell.outcomes.map(outcomeKind) : [];
    this.events.push(
      tell.kind === "ended" ? `ended ${tell.ending} ${status}` : JSON.stringify([...kinds, tell]),
    );
  }

  #settled({ outcomes }: Extract<SmtpClientTell, { kind: "settled" }>): void {
    assert.ok(this.#open !== undefined, "a transaction is open");
    const open = this.#open;
    this.#open = undefined;
    if ("query" in open) {
      assert.equal(outcomes.length, open.query.length);
      assert.ok(outcomes.every(({ inDoubt }) => inDoubt === undefined));
      assert.ok(!this.said.slice(this.#saidBefore).includes("DATA\r\n"), "a query sends nothing");
      return;
    }
    assert.equal(outcomes.length, open.recipients.length);
    const whole = this.said.endsWith(`DATA\r\n${onTheWire(open.octets)}`);
    for (const outcome of outcomes) {
      const kind = outcomeKind(outcome);
      if (kind === "delivered") assert.ok(whole, "all of it, and a yes");
      if (outcome.inDoubt === true) assert.ok(whole && kind === "deferred");
    }
  }
}

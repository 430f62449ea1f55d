/**
 * Feeds an SMTP engine and holds it to the contract of Session: one ask at a time, what must be last is last,
 * nothing after the end, `ended` exactly once. The log is the same for the same behaviour, however it is cut.
 */
import assert from "node:assert/strict";
import { formatStatus, status } from "../../../src/mail/index.ts";
import { latin1, type Step, type Steps } from "../../../src/protocol/dialogue/index.ts";
import {
  SmtpServerSession,
  type SmtpAnswer,
  type SmtpAsk,
  type SmtpSettings,
  type SmtpTell,
} from "../../../src/protocol/smtp/index.ts";

export const SETTINGS: SmtpSettings = {
  hostname: "mx.local.example",
  sessionId: "k7q2m9x4tb3d",
  startTls: "unavailable",
  limits: {
    messageOctets: 60,
    recipients: 3,
    errors: 12,
    commandLineOctets: 80,
    transactions: 6,
    commandTimeMs: 1000,
    contentTimeMs: 2000,
    crowdedTimeMs: 1500,
  },
};

const NO: SmtpAnswer = { kind: "status", status: status(550, "5.7.1", "no", "desk") };
const LATER: SmtpAnswer = { kind: "status", status: status(451, "4.3.0", "later", "desk") };
const END: SmtpAnswer = { kind: "end", status: status(421, "4.7.0", "go away", "desk") };
const YES: SmtpAnswer = { kind: "proceed" };

/** What a desk in a certain mood says; moods are small numbers, for fast-check. */
export function answerIn(mood: number): SmtpAnswer {
  return mood === 1 ? NO : mood === 2 ? LATER : mood === 3 ? END : YES;
}

export class Harness {
  readonly session: SmtpServerSession;
  /** Asks, tells and content in order; what was said, apart. */
  readonly events: string[] = [];
  said = "";
  asked: SmtpAsk | undefined;
  closed = false;
  handshake = false;
  #content = "";
  #contentWanted = false;
  #gone = false;
  #ended = 0;

  constructor(settings: SmtpSettings = SETTINGS) {
    this.session = new SmtpServerSession(settings);
  }

  start(): void {
    this.apply(this.session.start());
  }

  receive(octets: Uint8Array): void {
    const steps = this.session.receive(octets.slice());
    if (this.asked !== undefined) assert.deepEqual(steps, [], "input waits while an ask is open");
    this.apply(steps);
  }

  answer(answer: SmtpAnswer): void {
    assert.ok(this.asked !== undefined);
    const ask = this.asked;
    this.asked = undefined;
    this.#contentWanted =
      ask.kind === "content" && (answer.kind === "proceed" || this.#contentWanted);
    this.apply(this.session.answer(answer));
  }

  secured(): void {
    this.handshake = false;
    this.apply(this.session.secured({ version: "TLSv1.3", cipher: "x" }));
  }

  /** The end, as a conversation brings it about. */
  hangUp(): void {
    this.#gone = true;
    this.apply(this.session.closed());
    assert.equal(this.#ended, 1, "ended exactly once");
    assert.deepEqual(this.session.receive(Uint8Array.of(65)), []);
    assert.deepEqual(this.session.timeout(), []);
    assert.deepEqual(this.session.shutdown(), []);
    assert.deepEqual(this.session.closed(), []);
  }

  apply(steps: Steps<SmtpAsk, SmtpTell>): void {
    steps.forEach((step, i) => {
      assert.ok(!this.closed, "nothing after close");
      if (this.#gone) assert.equal(step.kind, "tell", "only tells when nobody is there");
      this.#applyOne(step, i === steps.length - 1);
    });
  }

  #applyOne(step: Step<SmtpAsk, SmtpTell>, last: boolean): void {
    switch (step.kind) {
      case "send":
        assert.equal(typeof step.data, "string");
        this.said += String(step.data);
        return;
      case "ask":
        assert.ok(
          last && this.asked === undefined,
          "an ask is the last step, and the only one open",
        );
        this.#flushContent();
        this.events.push(`ask ${JSON.stringify(step.ask)}`);
        this.asked = step.ask;
        return;
      case "tell":
        return this.#tell(step.tell);
      case "body":
        assert.ok(this.#contentWanted, "content only after the desk's yes");
        assert.notEqual(step.slice.length, 0);
        this.#content += latin1(step.slice);
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
      case "flush":
        assert.ok(last);
        return this.apply(this.session.drained());
    }
  }

  #tell(tell: SmtpTell): void {
    assert.equal(this.#ended, 0, "ended is the last tell");
    if (tell.kind === "ended") this.#ended++;
    if (tell.kind === "ended" || tell.kind === "reset") this.#content = "";
    if (tell.kind === "reset") this.#contentWanted = false;
    const words = tell.kind === "refused" ? formatStatus(tell.status) : JSON.stringify(tell);
    this.events.push(`tell ${words}`);
  }

  #flushContent(): void {
    if (this.#content !== "") this.events.push(`content ${JSON.stringify(this.#content)}`);
    this.#content = "";
  }
}

/**
 * An engine under observation: every list of steps is held to the contract of Session, what it keeps of its input is
 * measured, and what it did is written down.
 */
import assert from "node:assert/strict";
import {
  Input,
  type Session,
  type Step,
  type Steps,
  type TlsFacts,
} from "../../src/protocol/dialogue/index.ts";
import type { Trace } from "./trace.ts";

/** The input that was appended to last: how the one inside an engine is found. */
let touched: Input | undefined;
const append: Input["append"] = Reflect.get(Input.prototype, "append");
Input.prototype.append = function (this: Input, chunk: Uint8Array): void {
  // oxlint-disable-next-line typescript/no-this-alias -- to remember whose append it was is all that this wrapper does
  touched = this;
  append.call(this, chunk);
};

/** What differs between protocols. */
export interface Contract<Ask, Tell> {
  /** The engine passes content on. */
  readonly takesContent: boolean;
  /** Octets of an incomplete line that the engine may keep. */
  readonly keptOctets: number;
  isEnd(tell: Tell): boolean;
  voidsContent(tell: Tell): boolean;
  /** The ask is about the content before it. */
  endsContent(ask: Ask): boolean;
}

export class CheckedSession<Ask, Tell, Answer> implements Session<Ask, Tell, Answer> {
  readonly #engine: Session<Ask, Tell, Answer>;
  readonly #contract: Contract<Ask, Tell>;
  readonly #trace: Trace<Ask, Tell, Answer>;
  #input: Input | undefined;
  #waitsFor: "desk" | "wire" | "handshake" | undefined;
  #ended = 0;
  #closed = false;
  #gone = false;
  #progress = 0;

  constructor(
    engine: Session<Ask, Tell, Answer>,
    contract: Contract<Ask, Tell>,
    trace: Trace<Ask, Tell, Answer>,
  ) {
    this.#engine = engine;
    this.#contract = contract;
    this.#trace = trace;
  }

  get waitsFor(): "desk" | "wire" | "handshake" | undefined {
    return this.#waitsFor;
  }

  start(): Steps<Ask, Tell> {
    return this.#checked(this.#engine.start());
  }

  receive(bytes: Uint8Array): Steps<Ask, Tell> {
    touched = undefined;
    const waited = this.#waitsFor;
    const steps = this.#engine.receive(bytes);
    this.#input ??= touched;
    if (waited === "desk" || waited === "wire")
      assert.equal(steps.length, 0, "octets wait while it is not the client's turn");
    return this.#checked(steps);
  }

  answer(answer: Answer): Steps<Ask, Tell> {
    assert.equal(this.#waitsFor, "desk", "answered without an ask");
    this.#waitsFor = undefined;
    this.#trace.add({ kind: "answered", answer });
    return this.#checked(this.#engine.answer(answer));
  }

  drained(): Steps<Ask, Tell> {
    if (this.#waitsFor === "wire") this.#waitsFor = undefined;
    return this.#checked(this.#engine.drained());
  }

  secured(facts: TlsFacts): Steps<Ask, Tell> {
    this.#waitsFor = undefined;
    return this.#checked(this.#engine.secured(facts));
  }

  timeout(): Steps<Ask, Tell> {
    return this.#checked(this.#engine.timeout());
  }

  shutdown(): Steps<Ask, Tell> {
    return this.#checked(this.#engine.shutdown());
  }

  closed(): Steps<Ask, Tell> {
    this.#gone = true;
    const steps = this.#checked(this.#engine.closed());
    assert.equal(this.#ended, 1, "`ended` is told exactly once");
    assert.equal(this.#input?.length ?? 0, 0, "nothing is kept after the end");
    return steps;
  }

  patienceMs(crowded?: boolean): number {
    return this.#engine.patienceMs(crowded);
  }

  progress(): number {
    return this.#engine.progress();
  }

  #checked(steps: Steps<Ask, Tell>): Steps<Ask, Tell> {
    steps.forEach((step, i) => this.#check(step, i === steps.length - 1));
    this.#checkMemory();
    const progress = this.#engine.progress();
    assert.ok(progress >= this.#progress, "progress never goes back");
    this.#progress = progress;
    assert.ok(this.#engine.patienceMs() > 0);
    return steps;
  }

  #checkMemory(): void {
    if (this.#waitsFor !== undefined || this.#input === undefined) return;
    const { length } = this.#input;
    assert.ok(length <= this.#contract.keptOctets, `${length} octets of a line are kept`);
  }

  #check(step: Step<Ask, Tell>, last: boolean): void {
    assert.ok(!this.#closed, "nothing comes after the close");
    if (this.#ended > 0)
      assert.ok(step.kind === "close" || step.kind === "send", "the end is near");
    if (this.#gone) assert.equal(step.kind, "tell", "nobody is there to hear anything");
    switch (step.kind) {
      case "send":
        assert.notEqual(step.data.length, 0, "something is said");
        return this.#trace.say(typeof step.data === "string" ? step.data : octetText(step.data));
      case "tell":
        return this.#tell(step.tell);
      case "body":
        assert.ok(this.#contract.takesContent && step.slice.length > 0);
        return this.#trace.content(octetText(step.slice));
      case "ask":
        this.#waits("desk", last);
        if (this.#contract.endsContent(step.ask)) this.#trace.endContent();
        return this.#trace.add({ kind: "asked", ask: step.ask });
      case "flush":
        this.#waits("wire", last);
        return this.#trace.add({ kind: "flushed" });
      case "start-tls":
        this.#waits("handshake", last);
        return this.#trace.add({ kind: "start-tls" });
      case "close":
        assert.ok(last, "a close is the last step");
        assert.equal(this.#ended, 1, "the end is told before the close");
        this.#closed = true;
        return this.#trace.add({ kind: "closed" });
    }
  }

  #waits(whom: "desk" | "wire" | "handshake", last: boolean): void {
    assert.ok(last, "who is waited for is named last");
    assert.equal(this.#waitsFor, undefined, "one is waited for at a time");
    this.#waitsFor = whom;
  }

  #tell(tell: Tell): void {
    if (this.#contract.isEnd(tell)) this.#ended++;
    if (this.#contract.voidsContent(tell)) this.#trace.voidContent();
    this.#trace.add({ kind: "told", tell });
  }
}

function octetText(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
}

/** The driver: steps in order, one write for what belongs together, pauses, and nothing after the end. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CLOSE,
  Conversation,
  FLUSH,
  latin1,
  NO_STEPS,
  octetsOf,
  START_TLS,
  type Desk,
  type Session,
  type Steps,
  type Wire,
} from "../../../src/protocol/dialogue/index.ts";

type TestSteps = Steps<string, string>;

const send = (data: string | Uint8Array) => ({ kind: "send", data }) as const;
const ask = (question: string) => ({ kind: "ask", ask: question }) as const;
const tell = (fact: string) => ({ kind: "tell", tell: fact }) as const;
const body = (text: string) => ({ kind: "body", slice: octetsOf(text) }) as const;

/** An engine that answers each input with the steps written down for it. */
class Written implements Session<string, string, string> {
  readonly #script: Readonly<Record<string, TestSteps>>;
  readonly inputs: string[] = [];

  constructor(script: Readonly<Record<string, TestSteps>>) {
    this.#script = script;
  }

  #next(input: string): TestSteps {
    this.inputs.push(input);
    return this.#script[input] ?? NO_STEPS;
  }

  start = (): TestSteps => this.#next("start");
  receive = (bytes: Uint8Array): TestSteps => this.#next(latin1(bytes));
  answer = (answer: string): TestSteps => this.#next(answer);
  drained = (): TestSteps => this.#next("drained");
  secured = (): TestSteps => this.#next("secured");
  timeout = (): TestSteps => this.#next("timeout");
  shutdown = (): TestSteps => this.#next("shutdown");
  closed = (): TestSteps => this.#next("closed");
  patienceMs = (): number => 7;
  progress = (): number => this.inputs.length;
}

/** Writes down everything that happens, on both sides, in order. */
class Stage implements Wire, Desk<string, string, string> {
  readonly log: string[] = [];
  readonly session: Written;
  readonly conversation: Conversation<string, string, string>;
  wireFull = false;
  deskFull = false;
  onWrite: () => void = () => undefined;
  broken?: (error: unknown) => void;
  reply: ((answer: string) => void) | undefined;
  drained: (() => void) | undefined;
  readonly #answers: Readonly<Record<string, string>>;

  constructor(
    script: Readonly<Record<string, TestSteps>>,
    answers: Readonly<Record<string, string>> = {},
  ) {
    this.#answers = answers;
    this.session = new Written(script);
    this.conversation = new Conversation(this.session, this, this);
  }

  receive(text: string): void {
    this.conversation.receive(octetsOf(text));
  }

  write(data: string | Uint8Array): boolean {
    this.log.push(`write ${typeof data === "string" ? data : latin1(data)}`);
    this.onWrite();
    return !this.wireFull;
  }

  startTls(): void {
    this.log.push("handshake");
  }

  pause(): void {
    this.log.push("pause");
  }

  resume(): void {
    this.log.push("resume");
  }

  end(): void {
    this.log.push("end");
  }

  ask(question: string, reply: (answer: string) => void): void {
    this.log.push(`ask ${question}`);
    const answer = this.#answers[question];
    if (answer === undefined) this.reply = reply;
    else reply(answer);
  }

  tell(fact: string): void {
    this.log.push(`tell ${fact}`);
  }

  body(slice: Uint8Array, drained: () => void): boolean {
    this.log.push(`body ${latin1(slice)}`);
    this.drained = drained;
    return !this.deskFull;
  }
}

describe("order", () => {
  test("steps are done in order; what is said leaves in one write at the end", () => {
    const stage = new Stage({ in: [send("1 "), tell("a"), send("2 "), body("x"), send("3")] });
    stage.receive("in");
    assert.deepEqual(stage.log, ["tell a", "body x", "write 1 2 3"]);
  });

  test("what is said across at-once answers leaves in one write, octets with texts", () => {
    const stage = new Stage(
      {
        in: [send("1 "), ask("q")],
        yes: [send("2"), send(octetsOf("raw")), ask("r")],
        no: [send("3"), send("4")],
      },
      { q: "yes", r: "no" },
    );
    stage.receive("in");
    assert.deepEqual(stage.log, ["ask q", "ask r", "write 1 2raw34"]);
  });

  test("nothing is written while an answer is waited for; then all of it", () => {
    const stage = new Stage({ in: [send("1 "), ask("q")], yes: [send("2")] });
    stage.receive("in");
    assert.deepEqual(stage.log, ["ask q"]);
    stage.reply?.("yes");
    assert.deepEqual(stage.log, ["ask q", "write 1 2"]);
  });

  test("long chains of at-once answers need no stack", () => {
    let rounds = 0;
    const session = new Written({});
    session.receive = session.answer = () => (++rounds < 100_000 ? [ask("q")] : [send("done")]);
    const stage = new Stage({});
    new Conversation(session, { ...desk(stage), ask: (_, reply) => reply("yes") }, stage).receive(
      octetsOf("in"),
    );
    assert.deepEqual(stage.log, ["write done"]);
  });
});

function desk(stage: Stage): Desk<string, string, string> {
  return {
    ask: (question, reply) => stage.ask(question, reply),
    tell: (fact) => stage.tell(fact),
    body: (slice, drained) => stage.body(slice, drained),
  };
}

describe("pauses", () => {
  test("while the desk thinks: the first chunk is kept, then the wire pauses", () => {
    const stage = new Stage({ in: [ask("q")], yes: [send("ok")] });
    stage.receive("in");
    stage.receive("more");
    stage.receive("still more");
    assert.deepEqual(stage.log, ["ask q", "pause"]);
    assert.deepEqual(stage.session.inputs, ["in", "more", "still more"]);
    stage.reply?.("yes");
    assert.deepEqual(stage.log, ["ask q", "pause", "write ok", "resume"]);
  });

  test("while the desk is full of content", () => {
    const stage = new Stage({ in: [body("x")] });
    stage.deskFull = true;
    stage.receive("in");
    assert.deepEqual(stage.log, ["body x", "pause"]);
    stage.drained?.();
    assert.deepEqual(stage.log, ["body x", "pause", "resume"]);
  });

  test("while the wire is full: a client that does not read its replies gets no more of them", () => {
    const stage = new Stage({ in: [send("reply")] });
    stage.wireFull = true;
    stage.receive("in");
    assert.deepEqual(stage.log, ["write reply", "pause"]);
    stage.conversation.drained();
    assert.deepEqual(stage.log, ["write reply", "pause", "resume"]);
  });

  test("end only when every reason has gone", () => {
    const stage = new Stage({ in: [send("reply"), body("x"), ask("q")] });
    stage.wireFull = stage.deskFull = true;
    stage.receive("in");
    stage.reply?.("yes");
    stage.drained?.();
    assert.deepEqual(stage.log.at(-1), "write reply");
    stage.conversation.drained();
    assert.deepEqual(stage.log, ["body x", "pause", "ask q", "write reply", "resume"]);
  });

  test("end only when every reason has gone, in whichever order", () => {
    const stage = new Stage({ in: [send("reply"), body("x"), ask("q")] });
    stage.wireFull = stage.deskFull = true;
    stage.receive("in");
    stage.reply?.("yes");
    stage.conversation.drained();
    assert.deepEqual(stage.log.at(-1), "write reply");
    stage.drained?.();
    assert.deepEqual(stage.log.at(-1), "resume");
  });

  test("a flush waits for the wire, and goes on at once when there is room", () => {
    const stage = new Stage({ in: [send("a"), FLUSH], drained: [send("b")] });
    stage.receive("in");
    assert.deepEqual(stage.log, ["write a", "write b"]);
    const slow = new Stage({ in: [send("a"), FLUSH], drained: [send("b")] });
    slow.wireFull = true;
    slow.receive("in");
    assert.deepEqual(slow.session.inputs, ["in"]);
    slow.wireFull = false;
    slow.conversation.drained();
    assert.deepEqual(slow.log, ["write a", "pause", "write b", "resume"]);
  });

  test("a flush of nothing waits too while the wire is full", () => {
    const stage = new Stage({ in: [send("a")], more: [FLUSH] });
    stage.wireFull = true;
    stage.receive("in");
    stage.receive("more");
    assert.deepEqual(stage.session.inputs, ["in", "more"]);
    stage.conversation.drained();
    assert.deepEqual(stage.session.inputs, ["in", "more", "drained"]);
  });

  test("a drain that nobody waits for means nothing", () => {
    const stage = new Stage({ in: [send("a")] });
    stage.receive("in");
    stage.conversation.drained();
    assert.deepEqual(stage.session.inputs, ["in"]);
  });
});

describe("patience", () => {
  test("is the peer's only while it is its turn", () => {
    const stage = new Stage({ in: [ask("q")], yes: [body("x")] });
    assert.equal(stage.conversation.patienceMs(), 7);
    stage.receive("in");
    assert.equal(stage.conversation.patienceMs(), undefined);
    stage.deskFull = true;
    stage.reply?.("yes");
    assert.equal(stage.conversation.patienceMs(), undefined);
    stage.drained?.();
    assert.equal(stage.conversation.patienceMs(), 7);
  });

  test("runs out on a peer that does not read, and each drain is progress", () => {
    const stage = new Stage({ in: [send("a"), FLUSH] });
    stage.wireFull = true;
    stage.receive("in");
    assert.equal(stage.conversation.patienceMs(), 7);
    const before = stage.conversation.progress() - stage.session.progress();
    stage.conversation.drained();
    assert.equal(stage.conversation.progress() - stage.session.progress(), before + 1);
  });

  test("runs during the handshake", () => {
    const stage = new Stage({ in: [START_TLS] });
    stage.receive("in");
    assert.equal(stage.conversation.patienceMs(), 7);
  });
});

test("a peer that has sent its last octet cannot shake hands: after the reply comes the end", () => {
  const stage = new Stage({
    "message, STARTTLS": [ask("stored?")],
    yes: [send("taken, ready for TLS"), START_TLS],
    closed: [tell("ended")],
  });
  stage.receive("message, STARTTLS");
  stage.conversation.finished();
  stage.reply?.("yes");
  assert.deepEqual(stage.log, ["ask stored?", "write taken, ready for TLS", "tell ended", "end"]);
});

test("what was said leaves before the handshake, and what comes is the engine's to judge", () => {
  const stage = new Stage({ in: [send("ready"), START_TLS], secured: [send("hello")] });
  stage.receive("in");
  assert.deepEqual(stage.log, ["write ready", "handshake"]);
  stage.conversation.secured({ version: "TLSv1.3", cipher: "x" });
  assert.deepEqual(stage.log, ["write ready", "handshake", "write hello"]);
});

describe("the end", () => {
  const SCRIPT = {
    in: [send("bye"), tell("ended"), CLOSE],
    closed: [tell("closed"), send("never"), ask("never")],
  };

  test("last words, then nothing more reaches the engine but that it is closed, once", () => {
    const stage = new Stage(SCRIPT);
    stage.receive("in");
    assert.deepEqual(stage.log, ["tell ended", "write bye", "end"]);
    stage.receive("more");
    stage.conversation.timeout();
    stage.conversation.shutdown();
    stage.conversation.drained();
    stage.conversation.secured({ version: "x", cipher: "x" });
    stage.conversation.closed();
    stage.conversation.closed();
    assert.deepEqual(stage.log, ["tell ended", "write bye", "end", "tell closed"]);
    assert.deepEqual(stage.session.inputs, ["in", "closed"]);
  });

  test("a late answer after it is dropped", () => {
    const stage = new Stage({
      in: [ask("q")],
      timeout: [send("bye"), CLOSE],
      yes: [send("never")],
    });
    stage.receive("in");
    stage.conversation.timeout();
    stage.reply?.("yes");
    stage.drained?.();
    assert.deepEqual(stage.log, ["ask q", "write bye", "end"]);
    assert.deepEqual(stage.session.inputs, ["in", "timeout"]);
  });

  test("steps behind a close are not done", () => {
    const stage = new Stage({ in: [CLOSE, send("never"), tell("never")] });
    stage.receive("in");
    assert.deepEqual(stage.log, ["end"]);
  });

  test("a connection that breaks during a write ends everything", () => {
    const stage = new Stage({
      in: [send("a"), FLUSH],
      drained: [send("never"), ask("never")],
      closed: [tell("closed")],
    });
    stage.onWrite = () => stage.conversation.closed();
    stage.receive("in");
    stage.conversation.drained();
    const handshake = new Stage({ in: [send("a"), START_TLS] });
    handshake.onWrite = () => handshake.conversation.closed();
    handshake.receive("in");
    assert.deepEqual(handshake.log, ["write a"]);
    assert.deepEqual(stage.log, ["write a", "tell closed"]);
    assert.deepEqual(stage.session.inputs, ["in", "closed"]);
  });
});

describe("an exception", () => {
  /** An engine that breaks at the late answer "yes". */
  function broken(onBroken: ((error: unknown) => void) | undefined): Stage {
    const stage = new Stage({ in: [ask("q")] });
    stage.session.answer = () => {
      throw new RangeError("a bug");
    };
    if (onBroken !== undefined) stage.broken = onBroken;
    stage.receive("in");
    return stage;
  }

  test("in a late answer goes to the wire's owner, not to whoever answered", () => {
    const seen: unknown[] = [];
    broken((error) => seen.push(error)).reply?.("yes");
    assert.match(String(seen), /a bug/);
  });

  test("goes to whoever answered when the owner does not want it", () => {
    const stage = broken(undefined);
    assert.throws(() => stage.reply?.("yes"), /a bug/);
  });
});

/** DNS over TCP without a socket: pieces, pipelined questions, transfers that wait for who reads slowly, silence, the end. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { parseIp } from "../../../../src/mail/index.ts";
import { framed } from "../../../../src/net/index.ts";
import { DnsDialogue } from "../../../../src/operate/listing/serving/stream.ts";
import type { Wire } from "../../../../src/protocol/dialogue/index.ts";
import { ManualClock } from "../../../../src/runtime/index.ts";

/** Says what it is asked, with "!" behind; nothing to "hush"; to "all" there is a transfer of parts. */
class Scripted {
  readonly out = Buffer.alloc(70_000);
  /** Of a transfer. */
  parts: readonly Uint8Array[] = [];
  /** Taken of it so far. */
  taken = 0;

  answer(question: Uint8Array): number {
    const text = Buffer.from(question).toString("latin1");
    return text === "hush" ? 0 : this.out.write(`${text}!`);
  }

  transfer(question: Uint8Array): Iterable<Uint8Array> | undefined {
    return Buffer.from(question).toString("latin1") === "all" ? this.#transfer() : undefined;
  }

  *#transfer(): Iterable<Uint8Array> {
    for (const part of this.parts) {
      this.taken++;
      yield part;
    }
  }
}

/** Takes what it is given; where it is `full` it asks for a pause each time. */
class PaperWire implements Wire {
  octets = Buffer.alloc(0);
  full = false;
  paused = false;
  ended = false;

  write(data: string | Uint8Array): boolean {
    assert.ok(!this.ended, "nothing is said behind the end");
    this.octets = Buffer.concat([this.octets, Buffer.from(data)]);
    return !this.full;
  }

  startTls(): void {}

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ended = true;
  }

  /** What was said, message by message. */
  messages(): string[] {
    const found: string[] = [];
    for (let at = 0; at < this.octets.length;) {
      const octets = this.octets.readUInt16BE(at);
      found.push(this.octets.toString("latin1", at + 2, at + 2 + octets));
      at += 2 + octets;
    }
    return found;
  }
}

const ask = (...texts: readonly string[]): Buffer =>
  Buffer.concat(texts.map((text) => framed(Buffer.from(text))));

describe("DNS over TCP", () => {
  let answers: Scripted;
  let wire: PaperWire;
  let dialogue: DnsDialogue;
  beforeEach(() => {
    answers = new Scripted();
    wire = new PaperWire();
    const ip = parseIp("192.0.2.1");
    assert.ok(ip !== undefined);
    const limits = { idleMs: 10_000, crowdedMs: 500 };
    const peer = { ip, port: 5353, listener: "dns" };
    dialogue = new DnsDialogue(
      { answers: () => answers, clock: new ManualClock(), limits },
      peer,
      wire,
    );
    dialogue.start();
  });

  test("questions behind one another are answered in their order", () => {
    dialogue.receive(ask("a", "b", "c"));
    assert.deepEqual(wire.messages(), ["a!", "b!", "c!"]);
    assert.equal(wire.ended, false);
  });

  test("a question may come octet by octet", () => {
    for (const octet of ask("a", "question")) dialogue.receive(Uint8Array.of(octet));
    assert.deepEqual(wire.messages(), ["a!", "question!"]);
  });

  test("octets alone are no question: who sends one a second is silent", () => {
    dialogue.receive(ask("a"));
    const before = dialogue.progress();
    for (const octet of ask("a").subarray(1)) dialogue.receive(Uint8Array.of(octet));
    assert.equal(dialogue.progress(), before);
    assert.equal(dialogue.patienceMs(), 10_000);
    assert.equal(dialogue.patienceMs(true), 500);
    dialogue.timeout();
    assert.equal(wire.ended, true);
  });

  test("a transfer waits for who reads slowly, and what is asked meanwhile waits too", () => {
    answers.parts = Array.from({ length: 100 }, (_, i) => Buffer.alloc(16_000, i));
    wire.full = true;
    dialogue.receive(ask("all", "then"));
    assert.ok(answers.taken < 10, `${answers.taken} parts for a reader that has taken nothing`);
    assert.equal(wire.paused, true);
    const before = dialogue.progress();
    dialogue.drained();
    assert.ok(dialogue.progress() > before, "who reads is not silent");
    assert.ok(answers.taken < 20);
    while (wire.paused) {
      if (answers.taken === 100) wire.full = false;
      dialogue.drained();
    }
    const said = wire.messages();
    assert.equal(said.length, 101);
    assert.equal(said[100], "then!");
    assert.equal(said[99]?.charCodeAt(0), 99);
  });

  test("who is told nothing is left alone, and what he asked behind it too", () => {
    dialogue.receive(ask("a", "hush", "b"));
    assert.deepEqual(wire.messages(), ["a!"]);
    assert.equal(wire.ended, true);
  });

  test("who has sent his last octet is answered, and so is who is told to go", () => {
    for (const end of ["finished", "shutdown"] as const) {
      answers.parts = [Buffer.from("1"), Buffer.alloc(65_000), Buffer.from("3")];
      answers.taken = 0;
      const peer = { ip: parseIp("::1") ?? assert.fail(), port: 1, listener: "dns" };
      const limits = { idleMs: 1, crowdedMs: 1 };
      const own = new PaperWire();
      const other = new DnsDialogue(
        { answers: () => answers, clock: new ManualClock(), limits },
        peer,
        own,
      );
      own.full = true;
      other.receive(ask("all", "behind"));
      other[end]();
      assert.equal(own.ended, false);
      own.full = false;
      other.drained();
      assert.deepEqual(own.messages().length, 4, end);
      assert.equal(own.ended, true, end);
    }
  });

  test("behind the end of the connection nothing is said", () => {
    answers.parts = [Buffer.alloc(65_000), Buffer.alloc(65_000)];
    wire.full = true;
    dialogue.receive(ask("all"));
    const said = wire.octets.length;
    dialogue.closed();
    dialogue.drained();
    dialogue.receive(ask("a"));
    assert.equal(wire.octets.length, said);
  });
});

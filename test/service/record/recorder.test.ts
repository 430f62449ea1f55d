/** A session's events become records: bounded, with the keys that the journal finds and folds them by. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { messageId, status, type SessionFacts, type Status } from "../../../src/mail/index.ts";
import { ManualClock } from "../../../src/runtime/index.ts";
import { Recorder, type NewEvent, type SessionFrame } from "../../../src/service/record/index.ts";
import type { SessionRecord } from "../../../src/store/index.ts";
import { SESSION } from "../receive/desk-bench.ts";

const FRAME: SessionFrame = {
  protocol: "smtp",
  session: SESSION,
  listener: "smtp",
  ip: "192.0.2.9",
};

function recipient(address: string, enhanced = "5.7.1"): NewEvent {
  const said = status(550, enhanced, "no", "test");
  return {
    kind: "recipient",
    address,
    decision: { check: "relay", action: "refuse", status: said, evidence: {} },
  };
}

function accepted(): NewEvent {
  const decision = { check: "hops", action: "accept", evidence: {} } as const;
  return { kind: "message", message: messageId(SESSION, 1), octets: 1, decision };
}

function recorder(): Recorder {
  return new Recorder(SESSION, new ManualClock());
}

test("of TLS the version and the cipher are kept, and no keying material", () => {
  const tls = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };
  const frame = {
    ...FRAME,
    tls: { ...tls, exporter: new Uint8Array(32), clientCertificates: [new Uint8Array(9)] },
  };
  const records = [recorder().end(frame, "quit"), recorder().withAcceptance(frame, accepted())];
  for (const record of records)
    assert.deepEqual((JSON.parse(record?.json ?? "") as SessionFacts).tls, tls);
});

/** The fold key of a session with these events. */
function fold(
  events: readonly NewEvent[],
  change: Partial<SessionFrame> = {},
  ending = "quit",
): string {
  const one = recorder();
  for (const event of events) one.add(event);
  const key = one.end({ ...FRAME, ...change }, ending)?.fold;
  assert.ok(key !== undefined);
  return key;
}

function facts(record: SessionRecord | undefined): SessionFacts {
  return JSON.parse(record?.json ?? "") as SessionFacts; // the recorder has just written it
}

test("who has shown a certificate does not fold with who has not, nor with who is somebody else", () => {
  const caller = (level: "none" | "pinned", peer?: string, certificate = "1") => ({
    caller: { certificate, names: [], level, ...(peer !== undefined && { peer }) },
  });
  const ways = [{}, caller("none"), caller("pinned", "a"), caller("pinned", "b")];
  assert.equal(new Set(ways.map((way) => fold([], way))).size, ways.length);
  assert.equal(
    fold([], caller("none")),
    fold([], caller("none", undefined, "2")),
    "of strangers any",
  );
});

test("sessions that went the same way have the same fold key, whatever names they tried", () => {
  const one = fold([recipient("a@foreign.example")]);
  assert.equal(fold([recipient("b@foreign.example"), recipient("c@foreign.example")]), one);
  assert.notEqual(fold([recipient("a@foreign.example", "5.1.1")]), one);
  assert.notEqual(fold([recipient("a@foreign.example")], { ip: "192.0.2.10" }), one);
  assert.notEqual(fold([recipient("a@foreign.example")], { listener: "other" }), one);
  assert.notEqual(fold([recipient("a@foreign.example")], {}, "timeout"), one);
  assert.notEqual(fold([]), one);
  assert.equal(fold([]), fold([], { port: 1, helo: "another" }));
});

test("whom a list has kept from writing to whom is told apart: it may be wrong", () => {
  const listed = (address: string): NewEvent => {
    const refusal = status(550, "5.7.1", "listed", "policy/listed");
    const decision = { check: "listed", action: "refuse", status: refusal, evidence: {} } as const;
    return { kind: "recipient", address, decision };
  };
  assert.notEqual(fold([listed("a@local.example")]), fold([listed("b@local.example")]));
  assert.equal(fold([listed("a@local.example")]), fold([listed("a@local.example")]));
});

function refused(command: string, enhanced = "5.5.1"): NewEvent {
  return { kind: "refused", command, status: status(500, enhanced, command, "smtp") };
}

test("a refused command and a refused message fold by their codes, never by their words", () => {
  assert.equal(fold([refused("A")]), fold([refused("B"), refused("C")]));
  assert.notEqual(fold([refused("A")]), fold([refused("A", "5.5.2")]));
});

test("the record of an acceptance has no fold key and is followed by a new one", () => {
  const one = recorder();
  one.add(recipient("a@local.example"));
  const record = one.withAcceptance(FRAME, accepted());
  assert.equal(record.fold, undefined);
  assert.deepEqual(
    facts(record).events.map(({ kind }) => kind),
    ["recipient", "message"],
  );
  one.kept();
  assert.equal(one.end(FRAME, "quit"), undefined);
  one.add(recipient("b@local.example"));
  const last = one.end(FRAME, "quit");
  assert.deepEqual(last?.addresses, ["b@local.example"]);
  assert.equal(facts(last).events.length, 1);
});

test("an acceptance that the store did not keep is not remembered as one", () => {
  const one = recorder();
  one.add(recipient("a@local.example"));
  one.withAcceptance(FRAME, accepted());
  assert.deepEqual(
    facts(one.end(FRAME, "quit")).events.map(({ kind }) => kind),
    ["recipient"],
  );
});

test("a session in which nothing happened has its record too", () => {
  assert.deepEqual(facts(recorder().end(FRAME, "closed by client")).events, []);
});

test("addresses are named once each, the null reverse-path not at all", () => {
  const one = recorder();
  one.add({ kind: "sender", address: "" });
  for (let i = 0; i < 3; i++) one.add(recipient("a@local.example"));
  assert.deepEqual(one.end(FRAME, "quit")?.addresses, ["a@local.example"]);
});

test("events beyond the limit are counted, not kept; the last message's fate is kept", () => {
  const one = recorder();
  for (let i = 0; i < 200_000; i++) one.add(recipient(`u${i}@foreign.example`));
  one.add(accepted());
  const record = one.end(FRAME, "quit");
  const { events, eventsLeftOut } = facts(record);
  assert.equal(events.length, 100);
  assert.equal(eventsLeftOut, 199_901);
  assert.equal(events.at(-1)?.kind, "message");
  assert.equal(record?.addresses.length, 1000, "a message is found by each of its recipients");
});

test("a clock that jumps meanwhile makes the session neither longer nor shorter", () => {
  const clock = new ManualClock();
  const one = new Recorder(SESSION, clock);
  const began = clock.now();
  clock.advance(1500);
  clock.jump(-86_400_000);
  one.add(recipient("a@local.example"));
  const record = one.end(FRAME, "quit");
  assert.deepEqual([record?.at, facts(record).endedAt], [began, began + 1500]);
  assert.equal(facts(record).events[0]?.at, 1500);
});

test("events have their time since the session began", () => {
  const clock = new ManualClock();
  clock.advance(1000);
  const one = new Recorder(SESSION, clock);
  clock.advance(20.6);
  one.add(recipient("a@local.example"));
  assert.equal(facts(one.end(FRAME, "quit")).events[0]?.at, 21);
});

test("a sender that was refused is another way than one that was not", () => {
  const keyOf = (said?: Status): string | undefined => {
    const fresh = recorder();
    const decision = { check: "own sender", action: "continue", evidence: {} } as const;
    fresh.add({
      kind: "sender",
      address: "ann@local.example",
      decision: said === undefined ? decision : { ...decision, action: "refuse", status: said },
    });
    return fresh.end(FRAME, "quit")?.fold;
  };
  assert.notEqual(keyOf(), undefined);
  assert.notEqual(keyOf(), keyOf(status(550, "5.7.1", "not yours", "test")));
});

test("a message is found by its Message-ID, accepted or not", () => {
  const messageIdField = "<one@mail.foreign.example>";
  const named = { ...accepted(), messageId: messageIdField };
  assert.deepEqual(recorder().withAcceptance(FRAME, named).addresses, [messageIdField]);
  const one = recorder();
  one.add(named);
  assert.deepEqual(one.end(FRAME, "quit")?.addresses, [messageIdField]);
});

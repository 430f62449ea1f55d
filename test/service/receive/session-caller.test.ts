/** Who a session's client is: found out once, forgotten with a new handshake, and asked anew when peers have changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Peer } from "../../../src/mail/index.ts";
import { NO_CALLERS, type Callers } from "../../../src/service/receive/index.ts";
import { SessionCaller } from "../../../src/service/receive/session-caller.ts";
import { Bench } from "./desk-bench.ts";

const SHOWN = [Uint8Array.of(1), Uint8Array.of(2)];
const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

function peerNamed(name: string): Peer {
  return { name, trust: { kind: "pin", keys: [] }, relays: [] };
}

/** Whoever shows something is the first peer that is there. */
class FirstPeer implements Callers {
  list: readonly Peer[] = [peerNamed("branch")];
  asked = 0;

  peers(): readonly Peer[] {
    return this.list;
  }

  judge([own]: readonly Uint8Array[], [peer]: readonly Peer[]): ReturnType<Callers["judge"]> {
    this.asked++;
    const facts = { certificate: String(own?.[0]), names: [] };
    if (peer === undefined) {
      const reason = "nobody knows it";
      return { caller: { kind: "nobody", reason }, facts: { ...facts, level: "none", reason } };
    }
    const caller = { kind: "peer", peer, level: "pinned" } as const;
    return { caller, facts: { ...facts, level: "pinned", peer: peer.name } };
  }
}

test("nothing was shown: nobody, and nobody is asked", () => {
  const callers = new FirstPeer();
  const caller = new SessionCaller(callers);
  assert.deepEqual(caller.current, { kind: "nobody" });
  assert.equal(caller.facts, undefined);
  assert.equal(callers.asked, 0);
});

test("it is found out once", () => {
  const callers = new FirstPeer();
  const caller = new SessionCaller(callers, SHOWN);
  for (let i = 0; i < 3; i++) assert.equal(caller.current.kind, "peer");
  assert.equal(caller.facts?.peer, "branch");
  assert.equal(callers.asked, 1);
});

test("a peer that was removed is nobody at once, and one that was added is somebody", () => {
  const callers = new FirstPeer();
  const caller = new SessionCaller(callers, SHOWN);
  assert.equal(caller.current.kind, "peer");
  callers.list = [];
  assert.deepEqual(caller.current, { kind: "nobody", reason: "nobody knows it" });
  callers.list = [peerNamed("other")];
  assert.equal(caller.facts?.peer, "other");
  assert.equal(callers.asked, 3);
});

test("a new handshake begins anew", () => {
  const callers = new FirstPeer();
  const caller = new SessionCaller(callers, SHOWN);
  assert.equal(caller.facts?.certificate, "1");
  caller.shows([Uint8Array.of(7)]);
  assert.equal(caller.facts?.certificate, "7");
  caller.shows();
  assert.deepEqual(caller.current, { kind: "nobody" });
  assert.equal(caller.facts, undefined);
});

test("where nobody is asked, what comes all the same is nobody's", () => {
  const caller = new SessionCaller(NO_CALLERS, SHOWN);
  assert.deepEqual(caller.current, { kind: "nobody" });
  assert.equal(caller.facts, undefined);
});

for (const [title, from] of [
  ["with TLS from the beginning", { tls: { ...TLS, clientCertificates: SHOWN } }],
  ["after STARTTLS", {}],
] as const)
  test(`the journal has the caller: ${title}`, async () => {
    const bench = new Bench();
    bench.ways = { callers: new FirstPeer() };
    const desk = bench.desk(from);
    if (!("tls" in from))
      desk.desk.tell({ kind: "secured", tls: { ...TLS, clientCertificates: SHOWN } });
    await desk.helo("EHLO", "client.example");
    desk.ended();
    const [facts] = bench.noted;
    assert.deepEqual(facts?.caller, {
      certificate: "1",
      names: [],
      level: "pinned",
      peer: "branch",
    });
    assert.deepEqual(facts.tls, TLS);
  });

test("a handshake in which nothing is shown makes the caller of the one before nobody", async () => {
  const bench = new Bench();
  bench.ways = { callers: new FirstPeer() };
  const desk = bench.desk({ tls: { ...TLS, clientCertificates: SHOWN } });
  desk.desk.tell({ kind: "secured", tls: TLS });
  desk.ended();
  assert.equal(bench.noted[0]?.caller, undefined);
});

/** Who a connection is by what it has shown: every row by itself, and what no handshake brings. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  anchorsOf,
  callerFacts,
  callerOf,
  loadCertificateReader,
  type Caller,
} from "../../src/policy/identity/index.ts";
import { ANCHORS, domain, PEERS, pin, ROWS } from "../support/caller-rows.ts";
import type { Row } from "../support/caller-row.ts";
import { issue, NOW } from "../support/chains.ts";
import { expectCaller } from "../support/expect-caller.ts";

const READER = await loadCertificateReader();

function judged({
  shown,
  anchors = ANCHORS,
  peers = PEERS,
}: Omit<Row, "title" | "expected">): Caller {
  return callerOf(
    shown.map(({ der }) => der),
    { peers, anchors: anchorsOf(anchors.map(({ pem }) => pem)), now: NOW, reader: READER },
  );
}

describe("who has shown", () => {
  for (const row of ROWS) test(row.title, () => expectCaller(judged(row), row.expected));
});

/** Of octets as they come, with the peers and authorities that all rows know. */
function callerBy(shown: readonly Uint8Array[], peers = PEERS): Caller {
  const anchors = anchorsOf(ANCHORS.map(({ pem }) => pem));
  return callerOf(shown, { peers, anchors, now: NOW, reader: READER });
}

const [{ shown: GOOD }] = ROWS;
const DERS = GOOD.map(({ der }) => der);

test("nothing is shown: nobody, for no reason", () => {
  assert.deepEqual(callerBy([]), { kind: "nobody" });
});

test("what cannot be read is nobody, and no hindrance behind a good one", () => {
  const [own = new Uint8Array(), ...others] = DERS;
  const rubbish = [new Uint8Array(), Buffer.from("no certificate"), own.subarray(0, 100)];
  for (const one of rubbish)
    assert.deepEqual(callerBy([one, ...others]), {
      kind: "nobody",
      reason: "its certificate cannot be read",
    });
  assert.equal(callerBy([own, ...rubbish, ...others]).kind, "named");
});

test("an octet that is another, wherever it is, makes it nobody", () => {
  const [own = new Uint8Array(), ...others] = DERS;
  for (const at of own.keys()) {
    const changed = Uint8Array.from(own);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    const { kind } = callerBy([changed, ...others]);
    assert.equal(kind, "nobody", `octet ${at}`);
  }
});

test("an octet of its authority that is another is as bad", () => {
  const [own = new Uint8Array(), authority = new Uint8Array()] = DERS;
  for (const at of authority.keys()) {
    const changed = Uint8Array.from(authority);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    assert.equal(callerBy([own, changed]).kind, "nobody", `octet ${at}`);
  }
});

test("without anybody to trust, nobody is known", () => {
  for (const { shown } of ROWS) {
    const grounds = { peers: [], anchors: anchorsOf([]), now: NOW, reader: READER };
    assert.equal(
      callerOf(
        shown.map(({ der }) => der),
        grounds,
      ).kind,
      "nobody",
    );
  }
});

test("who is no peer any more is what his certificate makes of him", () => {
  for (const { shown, peers = PEERS, anchors = ANCHORS, expected } of ROWS)
    if ("peer" in expected) {
      const left = peers.filter(({ name }) => name !== expected.peer);
      assert.notEqual(judged({ shown, anchors, peers: left }).kind, "peer");
    }
});

test("a peer's authority that cannot be read vouches for nobody", () => {
  const trust = {
    kind: "private authority",
    authority: "none",
    names: [domain("mx.peer.example")],
  } as const;
  assert.equal(callerBy(DERS, [{ name: "x", trust, relays: [] }]).kind, "named");
});

test("authorities that come twice are one, and what is none is passed over", () => {
  const pems = ANCHORS.map(({ pem }) => pem);
  const found = [...anchorsOf([...pems, "none", ...pems]).values()].flat();
  assert.equal(found.length, ANCHORS.length);
});

test("the journal has the digests, the names and why", () => {
  const [good] = GOOD;
  assert.ok(good !== undefined);
  const certificate = good.x509.fingerprint256.replaceAll(":", "").toLowerCase();
  const key = pin(good);
  assert.deepEqual(callerFacts(good.der, callerBy(DERS), READER), {
    certificate,
    key,
    names: ["mx.peer.example"],
    level: "certificate",
  });
  const [peer] = PEERS;
  assert.ok(peer !== undefined);
  const pinned = callerFacts(good.der, { kind: "peer", peer, level: "pinned" }, READER);
  assert.deepEqual([pinned.level, pinned.peer], ["pinned", "pinned"]);
  const alone = issue({ names: Array.from({ length: 20 }, (_, i) => `${i}.example`) });
  const facts = callerFacts(alone.der, callerBy([alone.der]), READER);
  assert.equal(facts.names.length, 8);
  assert.equal(facts.level, "none");
  assert.match(facts.reason ?? "", /by itself/);
});

test("the journal has something of what cannot be read", () => {
  const rubbish = Buffer.from("no certificate");
  const facts = callerFacts(rubbish, callerBy([rubbish]), READER);
  assert.match(facts.certificate, /^[0-9a-f]{64}$/);
  assert.deepEqual([facts.key, facts.names, facts.level], [undefined, [], "none"]);
});

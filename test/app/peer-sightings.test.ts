/** When peers were here: noted at once, then once a minute, and at once again when the key is another one. */
import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { PeerSightings } from "../../src/app/peer-sightings.ts";
import type { KnownPeer } from "../../src/mail/index.ts";
import { keyDigest } from "../../src/policy/identity/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import type { PeerSeen } from "../../src/store/index.ts";
import { makeCertificate } from "../support/certificates.ts";

const MINUTE = 60_000;
const [OLD, NEW] = await Promise.all([makeCertificate(), makeCertificate()]);

const HUB: KnownPeer = { name: "hub", trust: { kind: "pin", keys: [] }, relays: [] };

test("a peer's visit is noted once a minute for each key, with the certificate's end", () => {
  const notes: (readonly [string, PeerSeen])[] = [];
  const clock = new ManualClock();
  const directory = {
    notePeerSeen: (name: string, seen: PeerSeen) => void notes.push([name, seen]),
  };
  const sightings = new PeerSightings(directory, clock);
  const visit = (peer: KnownPeer, x509: X509Certificate): void => {
    const key = keyDigest(x509) ?? assert.fail();
    sightings.note({ kind: "peer", peer, level: "pinned" }, x509.raw, key);
  };
  const began = clock.now();
  visit(HUB, OLD.x509);
  visit(HUB, OLD.x509);
  visit({ ...HUB, name: "branch" }, OLD.x509);
  visit(HUB, NEW.x509);
  clock.advance(MINUTE - 1);
  visit(HUB, NEW.x509);
  clock.advance(1);
  visit(HUB, NEW.x509);
  const seen = (at: number, { x509 }: typeof OLD): PeerSeen => ({
    at,
    level: "pinned",
    key: keyDigest(x509) ?? assert.fail(),
    expiresAt: x509.validToDate.getTime(),
  });
  assert.deepEqual(notes, [
    ["hub", seen(began, OLD)],
    ["branch", seen(began, OLD)],
    ["hub", seen(began, NEW)],
    ["hub", seen(began + MINUTE, NEW)],
  ]);
});

/** How well a client is known at RCPT: by its certificate as it counts then, else by its address, asked once and only if somebody wants to know. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, type IdentityLevel, type Peer } from "../../../src/mail/index.ts";
import { stages, type Greylist } from "../../../src/policy/checks/index.ts";
import type { Caller } from "../../../src/policy/identity/index.ts";
import { ClientLevels, type Callers } from "../../../src/service/receive/index.ts";
import { UNWATCHED } from "../../support/unlimited.ts";
import { Bench } from "./desk-bench.ts";

const RCPT = "user@local.example";
const TLS = { version: "TLSv1.3", cipher: "AES", clientCertificates: [new Uint8Array(1)] };

/** Everybody is new here. */
function greylist(below: IdentityLevel): Greylist {
  return { below, delayMs: 300_000, hasPassed: () => false, attempt: () => 0 };
}

function bench(below: IdentityLevel): Bench {
  const made = new Bench();
  made.stages = stages({ spread: UNWATCHED, greylist: greylist(below) });
  return made;
}

function callers(caller: () => Caller): Callers {
  let peers: readonly Peer[] = [];
  return { peers: () => (peers = [...peers]), judge: () => ({ caller: caller() }) };
}

test("a certificate counts as it does at this moment", async () => {
  const made = bench("certificate");
  let caller: Caller = { kind: "named", names: [] };
  made.ways = { callers: callers(() => caller) };
  const desk = made.desk({ tls: TLS });
  await desk.sender("sam@foreign.example");
  assert.match(await desk.recipient(RCPT), /proceed/);
  caller = { kind: "nobody", reason: "expired" };
  assert.match(await desk.recipient(RCPT), /450 4\.7\.1 greylisted/);
});

test("an address is asked about once in a session", async () => {
  const made = bench("forward-confirmed");
  let asked = 0;
  made.ways = {
    clientLevels: {
      of: () => {
        asked++;
        return Promise.resolve("forward-confirmed");
      },
    },
  };
  const desk = made.desk();
  await desk.sender("sam@foreign.example");
  assert.equal(asked, 0);
  for (let i = 0; i < 3; i++) assert.match(await desk.recipient(RCPT), /proceed/);
  assert.equal(asked, 1);
});

test("only a name that leads back makes an address known, and those within are not asked about", async () => {
  const ip = (text: string) => parseIp(text) ?? assert.fail(text);
  for (const iprev of ["pass", "fail", "temperror", "permerror"] as const) {
    const authentication = { iprev: () => Promise.resolve(iprev) };
    const levels = new ClientLevels({ authentication, privateClients: false });
    const level = iprev === "pass" ? "forward-confirmed" : "none";
    assert.equal(await levels.of(ip("9.8.7.6")), level);
    for (const within of ["127.0.0.1", "10.0.0.1", "fd00::1"])
      assert.equal(levels.of(ip(within)), "none");
    const all = new ClientLevels({ authentication, privateClients: true });
    assert.equal(await all.of(ip("10.0.0.1")), level);
  }
});

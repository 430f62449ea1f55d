/** Whose certificate a route asks for: nothing is said to a server whose certificate will not do, in TLS or in the clear. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { CertificateTrust, HostRoute } from "../../../src/policy/routing/index.ts";
import { trustOf, wayOf } from "../../../src/policy/routing/index.ts";
import type { Attempt } from "../../../src/service/delivery/index.ts";
import {
  fingerprint,
  makeAuthority,
  makeCertificate,
  type Made,
} from "../../support/certificates.ts";
import { ScriptedServer } from "../../support/scripted-server.ts";
import { ip, name, Rig, words } from "./rig.ts";

const BOB = "bob@foreign.example";
const HOST = "mx.foreign.example";
const LOGIN = { name: "me", password: "secret" };

const ROOT = await makeAuthority();
const RIGHT = await makeCertificate({ by: ROOT });
const BY_ROOT: CertificateTrust = { kind: "authority", authorities: [ROOT.pem] };

interface Tried {
  readonly attempt: Attempt;
  readonly server: ScriptedServer;
}

async function tried(t: TestContext, shown: Made, more: Partial<HostRoute>): Promise<Tried> {
  const server = await ScriptedServer.open(t, {
    tls: shown.context,
    offers: ["AUTH PLAIN"],
    answer: (command) => (command.startsWith("AUTH") ? "235 2.7.0 welcome" : undefined),
  });
  const rig = new Rig(t, {});
  rig.dns.has(name(HOST), "A", [ip("127.0.0.1")]);
  const host = { kind: "name", name: name(HOST) } as const;
  rig.routes.set("*", { host, port: server.port, tls: "required", login: LOGIN, ...more });
  return { attempt: await rig.attempt(BOB), server };
}

function assertNothingSaid({ attempt, server }: Tried, why: RegExp): void {
  const [said = ""] = words(attempt);
  assert.ok(
    said.startsWith(`deferred 451 4.7.5 the certificate of ${HOST} [127.0.0.1] is not trusted: `),
    said,
  );
  assert.match(said, why);
  for (const { commands } of server.talks) {
    const after = commands.indexOf("STARTTLS") + 1;
    assert.ok(after > 0, "TLS was not tried");
    assert.deepEqual(commands.slice(after), []);
  }
}

function assertTaken({ attempt, server }: Tried, why: string): void {
  assert.match(words(attempt)[0] ?? "", /^delivered /);
  assert.equal(attempt.carried?.certificate?.why, why);
  assert.equal(server.talks[0]?.secure, true);
}

test("the right certificate is taken, and the attempt says which it was", async (t) => {
  const taken = await tried(t, RIGHT, { trust: BY_ROOT });
  assertTaken(taken, "an authority vouches for it");
  assert.equal(taken.attempt.carried?.certificate?.sha256, fingerprint(RIGHT));
});

test("a wrong name, an expired one, a self-signed one, an unknown authority's: nothing is said", async (t) => {
  const wrong: [Made, RegExp][] = [
    [await makeCertificate({ names: ["other.example"], by: ROOT }), /it is for another name/],
    [await makeCertificate({ expired: true, by: ROOT }), /expired/i],
    [await makeCertificate(), /self.signed/i],
    [await makeCertificate({ by: await makeAuthority("Other Root") }), /./],
  ];
  for (const [shown, why] of wrong)
    assertNothingSaid(await tried(t, shown, { trust: BY_ROOT }), why);
});

test("a login asks for a certificate that the machine's own authorities vouch for", async (t) => {
  assertNothingSaid(await tried(t, RIGHT, {}), /./);
});

test("a pin takes this one alone, whatever stands in it", async (t) => {
  const old = await makeCertificate({ names: ["other.example"], expired: true });
  const pin: CertificateTrust = { kind: "pin", sha256: fingerprint(old) };
  assertTaken(await tried(t, old, { trust: pin }), "it is the pinned one");
  assertNothingSaid(await tried(t, RIGHT, { trust: pin }), /not the pinned one/);
});

test("the operator may say that anybody's will do", async (t) => {
  assertTaken(
    await tried(t, await makeCertificate(), { trust: { kind: "any" } }),
    "anybody's would do",
  );
});

test("a route without a login may ask for one too, and never goes on in the clear", async (t) => {
  const server = await ScriptedServer.open(t, { tls: (await makeCertificate()).context });
  const rig = new Rig(t, {});
  const host = { kind: "address", ip: ip("127.0.0.1") } as const;
  rig.routes.set("*", { host, port: server.port, tls: "required", trust: BY_ROOT });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.5 .* is not trusted: /);
  assert.equal(server.talks.length, 1);
});

test("by address alone, the certificate is held against the address", async (t) => {
  for (const [names, taken] of [
    [["127.0.0.1"], true],
    [[HOST], false],
  ] as const) {
    const shown = await makeCertificate({ names, by: ROOT });
    const host = { kind: "address", ip: ip("127.0.0.1") } as const;
    const { attempt } = await tried(t, shown, { host, trust: BY_ROOT });
    assert.match(words(attempt)[0] ?? "", taken ? /^delivered / : /^deferred 451 4\.7\.5 /);
  }
});

test("a connection that one route was content with is not for another's mail", async (t) => {
  const server = await ScriptedServer.open(t, { tls: (await makeCertificate()).context });
  const rig = new Rig(t, {});
  const host = { kind: "address", ip: ip("127.0.0.1") } as const;
  const route = { host, port: server.port, tls: "required" } as const;
  rig.routes.set("*", { ...route, trust: BY_ROOT });
  rig.routes.set("lax.example" as "*", { ...route, trust: { kind: "any" } });
  const together = words(await rig.attempt(["bob@lax.example", "bob@strict.example"]));
  assert.match(together[0] ?? "", /^delivered /);
  assert.match(together[1] ?? "", /^deferred 451 4\.7\.5 /);
});

test("what a route asks for where nothing is said", () => {
  const route = (host: HostRoute["host"], login = true): HostRoute => ({
    host,
    port: 587,
    tls: "required",
    ...(login && { login: LOGIN }),
  });
  const at = (text: string) => ({ kind: "address", ip: ip(text) }) as const;
  const named = (text: string) => ({ kind: "name", name: name(text) }) as const;
  const asked = (one: HostRoute) => trustOf(one).kind;
  assert.equal(asked(route(named(HOST))), "authority");
  assert.equal(asked(route(named("localhost"))), "authority");
  assert.equal(asked(route(at("10.0.0.2"))), "authority");
  assert.equal(asked(route(at("127.0.0.2"))), "any");
  assert.equal(asked(route(at("::1"))), "any");
  assert.equal(asked(route(named(HOST), false)), "any");
  const way = (trust: CertificateTrust) =>
    wayOf({ kind: "route", key: "x", route: { ...route(named(HOST)), trust } });
  const kinds: CertificateTrust[] = [
    { kind: "any" },
    { kind: "authority" },
    BY_ROOT,
    { kind: "pin", sha256: "00" },
    { kind: "pin", sha256: "01" },
  ];
  assert.equal(new Set(kinds.map(way)).size, kinds.length);
});

/** The resolver of tests tells what it was told, and what follows from that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseName, ScriptedResolver, type DnsName } from "../../../src/protocol/dns/index.ts";

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const EXAMPLE = name("example.org");
const MX = { preference: 10, exchange: name("mx.example.org") };
const NO_DATA = { kind: "no-data", ttl: 300, authentic: false };
const NO_SUCH_NAME = { kind: "no-such-name", ttl: 300, authentic: false };

test("what was told is there, for its name and type", async () => {
  const resolver = new ScriptedResolver().has(EXAMPLE, "MX", [MX], { ttl: 60, authentic: true });
  const found = { kind: "found", name: EXAMPLE, records: [MX], ttl: 60, authentic: true };
  assert.deepEqual(await resolver.resolve(EXAMPLE, "MX"), found);
  assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), NO_DATA);
  assert.deepEqual(await resolver.resolve(name("other.org"), "A"), NO_SUCH_NAME);
  assert.deepEqual(await resolver.resolve(name("org"), "MX"), NO_DATA);
  assert.deepEqual(resolver.asked, ["example.org MX", "example.org A", "other.org A", "org MX"]);
});

test("failures are told too", async () => {
  const resolver = new ScriptedResolver().fails(EXAMPLE, "A", "servfail");
  assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why: "servfail" });
  assert.deepEqual(await resolver.resolve(EXAMPLE, "MX"), NO_SUCH_NAME);
});

test("aliases are followed, and not for ever", async () => {
  const www = name("www.example.org");
  const resolver = new ScriptedResolver()
    .has(www, "CNAME", [EXAMPLE])
    .has(EXAMPLE, "MX", [MX])
    .has(name("a.org"), "CNAME", [name("b.org")])
    .has(name("b.org"), "CNAME", [name("a.org")]);
  const found = await resolver.resolve(www, "MX");
  assert.ok(found.kind === "found");
  assert.equal(found.name, EXAMPLE);
  assert.deepEqual(await resolver.resolve(www, "A"), NO_DATA);
  const loop = { kind: "failed", why: "alias-loop" };
  assert.deepEqual(await resolver.resolve(name("a.org"), "A"), loop);
});

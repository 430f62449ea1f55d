/** Mail whose sender requires TLS all the way (RFC 8689): to verified servers that will keep to it, or reported. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { makeCertificate } from "../../support/certificates.ts";
import { openWeb, policyText, ROOT, text } from "../../support/policy-web.ts";
import { ScriptedServer, type Script } from "../../support/scripted-server.ts";
import { ip, name, Rig, words } from "./rig.ts";

const BOB = "bob@foreign.example";
const MX = name("mx.foreign.example");
const RIGHT = await makeCertificate({ by: ROOT });
const SELF_SIGNED = await makeCertificate();
const REQUIRED = { parameters: { smtputf8: false, requireTls: true } } as const;
const KEEPS: Script = { tls: RIGHT.context, offers: ["REQUIRETLS"] };

const REPORTED =
  /^failed 550 5\.7\.30 the sender requires TLS all the way, and .* does not offer REQUIRETLS$/;

/** A domain whose MX records are signed, with its servers on 127.0.0.1, 127.0.0.2 … */
async function site(t: TestContext, ...scripts: readonly Script[]) {
  const servers: ScriptedServer[] = [];
  for (const [i, script] of scripts.entries()) {
    const at = { address: `127.0.0.${i + 1}`, port: servers[0]?.port ?? 0 };
    servers.push(await ScriptedServer.open(t, script, at));
  }
  const rig = new Rig(t, { port: servers[0]?.port }, { authorities: [ROOT.pem] });
  const hosts = scripts.map((_, i) => (i === 0 ? MX : name(`mx${i + 1}.foreign.example`)));
  const exchanges = hosts.map((exchange, preference) => ({ preference, exchange }));
  rig.dns.has(name("foreign.example"), "MX", exchanges, { authentic: true });
  for (const [i, host] of hosts.entries()) rig.dns.has(host, "A", [ip(`127.0.0.${i + 1}`)]);
  return { rig, servers };
}

test("a verified server that keeps to it gets the mail and the wish", async (t) => {
  const { rig, servers } = await site(t, KEEPS);
  const attempt = await rig.attempt(BOB, REQUIRED);
  assert.match(words(attempt)[0] ?? "", /^delivered /);
  assert.equal(attempt.carried?.security.level, "verified");
  const [mail] = servers[0]?.envelopes[0] ?? [];
  assert.equal(mail, "MAIL FROM:<alice@local.example> REQUIRETLS");
});

test("one that does not offer it, or no TLS, is told nothing, and the sender hears of it", async (t) => {
  const lacking: Script[] = [{ tls: RIGHT.context }, { offers: ["REQUIRETLS"] }];
  for (const script of lacking) {
    const { rig, servers } = await site(t, script);
    const attempt = await rig.attempt(BOB, REQUIRED);
    assert.match(words(attempt)[0] ?? "", REPORTED);
    assert.equal(attempt.unreachable, false);
    assert.ok(servers[0]?.commands.every((command) => !command.startsWith("MAIL ")));
  }
});

test("the next server may do what the first one does not", async (t) => {
  const second = await makeCertificate({ names: ["mx2.foreign.example"], by: ROOT });
  const { rig, servers } = await site(t, { tls: RIGHT.context }, { ...KEEPS, tls: second.context });
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^delivered /);
  assert.deepEqual(
    servers.map(({ messages }) => messages.length),
    [0, 1],
  );
});

test("a certificate that proves nothing defers the mail", async (t) => {
  const { rig, servers } = await site(t, { ...KEEPS, tls: SELF_SIGNED.context });
  const attempt = await rig.attempt(BOB, REQUIRED);
  assert.match(words(attempt)[0] ?? "", /^deferred 451 4\.7\.5 .*certificate/);
  assert.equal(attempt.unreachable, false); // other mail may go there
  assert.deepEqual(servers[0]?.messages, []);
});

test("without DNSSEC a policy says which servers are meant", async (t) => {
  const web = await openWeb(t, text(policyText("testing", [MX])));
  const server = await ScriptedServer.open(t, KEEPS);
  const rig = new Rig(t, { port: server.port, https_port: web.port }, { authorities: [ROOT.pem] });
  rig.dns
    .has(name("foreign.example"), "MX", [{ preference: 1, exchange: MX }])
    .has(MX, "A", [ip("127.0.0.1")]);
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^deferred 451 4\.7\.5 /);
  rig.announce("foreign.example", "a");
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^delivered /);
});

test("a connection that other mail was content with does not carry it, and the other way round it may not cost the destination", async (t) => {
  const { rig, servers } = await site(t, { tls: SELF_SIGNED.context, offers: ["REQUIRETLS"] });
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^delivered /);
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^deferred 451 4\.7\.5 /);
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^delivered /);
  assert.equal(servers[0]?.messages.length, 2);
});

test("a route has to be verified too; what delivers into mailboxes is the end of the way", async (t) => {
  const server = await ScriptedServer.open(t, KEEPS);
  const rig = new Rig(t, {}, { authorities: [ROOT.pem] });
  rig.dns.has(MX, "A", [ip("127.0.0.1")]);
  const host = { kind: "name", name: MX } as const;
  rig.routes.set("*", { host, port: server.port, tls: "opportunistic" });
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^delivered /);
  server.hangUp();
  server.script = { ...KEEPS, tls: SELF_SIGNED.context };
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^delivered /);
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^deferred 451 4\.7\.5 /);
  const store = await ScriptedServer.open(t, { protocol: "lmtp" });
  rig.routes.set("*", { protocol: "lmtp", host, port: store.port, tls: "opportunistic" });
  assert.match(words(await rig.attempt(BOB, REQUIRED))[0] ?? "", /^delivered /);
});

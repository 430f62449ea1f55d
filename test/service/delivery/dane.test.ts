/** DANE on the wire: which servers get the mail, which connections end before anything is said, and what the attempt says of it. */
import assert from "node:assert/strict";
import { createHash, type X509Certificate } from "node:crypto";
import { test, type TestContext } from "node:test";
import type { CertificateAssociation } from "../../../src/protocol/dns/index.ts";
import { makeAuthority, makeCertificate, type Made } from "../../support/certificates.ts";
import { ScriptedServer, type Script } from "../../support/scripted-server.ts";
import { ip, name, Rig, words } from "./rig.ts";

const BOB = "bob@foreign.example";
const MX = name("mx.foreign.example");
const YES = { authentic: true };

const ROOT = await makeAuthority();
const SELF_SIGNED = await makeCertificate();
const EXPIRED = await makeCertificate({ names: ["other.example"], expired: true });
const UNDER_ROOT = await makeCertificate({ by: ROOT });
const WRONG_NAME = await makeCertificate({ names: ["other.example"], by: ROOT });

function tlsa(usage: number, { x509 }: { readonly x509: X509Certificate }): CertificateAssociation {
  const key = x509.publicKey.export({ type: "spki", format: "der" });
  const data = Uint8Array.from(createHash("sha256").update(key).digest());
  return { usage, selector: 1, matchingType: 1, data };
}

interface Zone {
  readonly mx?: boolean;
  readonly address?: boolean;
  readonly tlsa?: boolean;
}

/** A server, and a zone that names it; all of it is signed, but for what is said otherwise. */
async function site(
  t: TestContext,
  script: Script,
  records: readonly CertificateAssociation[] | "servfail" | "none",
  { mx = true, address = true, tlsa: signed = true }: Zone = {},
) {
  const server = await ScriptedServer.open(t, script);
  const rig = new Rig(t, { port: server.port });
  const at = name(`_${server.port}._tcp.${MX}`);
  rig.dns
    .has(name("foreign.example"), "MX", [{ preference: 10, exchange: MX }], { authentic: mx })
    .has(MX, "A", [ip("127.0.0.1")], { authentic: address });
  if (records === "servfail") rig.dns.fails(at, "TLSA", "servfail");
  else if (records !== "none") rig.dns.has(at, "TLSA", records, { authentic: signed });
  return { rig, server };
}

const showing = ({ context }: Made): Script => ({ tls: context });

test("the certificate that a TLSA record names is taken, whatever stands in it", async (t) => {
  for (const shown of [SELF_SIGNED, EXPIRED]) {
    const records = [tlsa(3, UNDER_ROOT), tlsa(3, shown)]; // the other one is the next
    const { rig, server } = await site(t, showing(shown), records);
    const attempt = await rig.attempt(BOB);
    assert.match(words(attempt)[0] ?? "", /^delivered /);
    const { why } = attempt.carried?.certificate ?? {};
    assert.equal(why, "DANE: TLSA 3 1 1 fits its own certificate");
    assert.equal(server.talks[0]?.secure, true);
  }
});

test("an authority that a TLSA record names vouches for the server's name", async (t) => {
  const right = await site(t, showing(UNDER_ROOT), [tlsa(2, ROOT)]);
  const attempt = await right.rig.attempt(BOB);
  assert.match(words(attempt)[0] ?? "", /^delivered /);
  assert.equal(attempt.carried?.certificate?.why, "DANE: TLSA 2 1 1 fits its authority");
});

test("another certificate, a wrong name, an authority that has not signed: nothing is said", async (t) => {
  const wrong: [Made, CertificateAssociation][] = [
    [SELF_SIGNED, tlsa(3, UNDER_ROOT)],
    [UNDER_ROOT, tlsa(3, ROOT)],
    [WRONG_NAME, tlsa(2, ROOT)],
    [SELF_SIGNED, tlsa(2, ROOT)],
  ];
  for (const [shown, record] of wrong) {
    const { rig, server } = await site(t, showing(shown), [record]);
    const attempt = await rig.attempt(BOB);
    assert.match(
      words(attempt)[0] ?? "",
      /^deferred 451 4\.7\.5 the certificate of mx\.foreign\.example \[127\.0\.0\.1\] is not trusted: DANE: /,
    );
    assert.match(attempt.carried?.certificate?.why ?? "", /^DANE: /);
    assert.equal(server.talks.length, 1);
    assert.equal(server.commands.at(-1), "STARTTLS");
  }
});

test("what is not signed all the way is no DANE, and is not asked for", async (t) => {
  for (const zone of [{ mx: false }, { address: false }, { tlsa: false }]) {
    const { rig } = await site(t, showing(SELF_SIGNED), [tlsa(3, UNDER_ROOT)], zone);
    const attempt = await rig.attempt(BOB);
    assert.match(words(attempt)[0] ?? "", /^delivered /);
    assert.equal(attempt.carried?.certificate?.why, "anybody's would do");
    const asked = rig.dns.asked.some((question) => question.endsWith(" TLSA"));
    assert.equal(asked, zone.tlsa === false);
  }
});

test("no records, no demand; records that cannot be validated, no connection", async (t) => {
  const none = await site(t, {}, "none");
  assert.match(words(await none.rig.attempt(BOB))[0] ?? "", /^delivered /);
  const broken = await site(t, showing(SELF_SIGNED), "servfail");
  assert.match(
    words(await broken.rig.attempt(BOB))[0] ?? "",
    /^deferred 451 4\.7\.5 the mail server mx\.foreign\.example cannot be verified now/,
  );
  assert.equal(broken.server.talks.length, 0);
});

test("STARTTLS taken away, a broken handshake: no mail in the clear, also where records are of no use", async (t) => {
  for (const record of [tlsa(3, SELF_SIGNED), tlsa(1, SELF_SIGNED)]) {
    const stripped = await site(t, {}, [record]);
    assert.match(words(await stripped.rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.4 /);
    const broken = await site(t, { tls: "broken" }, [record]);
    assert.match(words(await broken.rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.5 /);
    assert.equal(broken.server.talks.length, 1);
    for (const { server } of [stripped, broken]) assert.deepEqual(server.messages, []);
  }
  const useless = await site(t, showing(SELF_SIGNED), [tlsa(1, UNDER_ROOT)]);
  assert.match(words(await useless.rig.attempt(BOB))[0] ?? "", /^delivered /);
});

test("the next server gets what the first one may not have", async (t) => {
  const { rig, server } = await site(t, showing(SELF_SIGNED), [tlsa(3, UNDER_ROOT)]);
  const second = await ScriptedServer.open(
    t,
    { tls: UNDER_ROOT.context },
    { address: "127.0.0.2", port: server.port },
  );
  const other = name("mx2.foreign.example");
  const exchanges = [MX, other].map((exchange, i) => ({ preference: i, exchange }));
  rig.dns
    .has(name("foreign.example"), "MX", exchanges, YES)
    .has(other, "A", [ip("127.0.0.2")], YES)
    .has(name(`_${server.port}._tcp.${other}`), "TLSA", [tlsa(3, UNDER_ROOT)], YES);
  const attempt = await rig.attempt(BOB);
  assert.match(words(attempt)[0] ?? "", /^delivered /);
  assert.match(attempt.passedOver?.join() ?? "", /^451 4\.7\.5 the certificate of mx\.foreign/);
  assert.equal(server.messages.length, 0);
  assert.equal(second.messages.length, 1);
});

test("a signed alias to an unsigned name has its records at the alias", async (t) => {
  const { rig, server } = await site(t, showing(SELF_SIGNED), [tlsa(3, UNDER_ROOT)]);
  const alias = name("alias.foreign.example");
  const end = name("end.other.example");
  rig.dns
    .has(name("foreign.example"), "MX", [{ preference: 1, exchange: alias }], YES)
    .has(alias, "CNAME", [end], YES)
    .has(end, "A", [ip("127.0.0.1")])
    .has(name(`_${server.port}._tcp.${alias}`), "TLSA", [tlsa(3, SELF_SIGNED)], YES);
  const attempt = await rig.attempt(BOB);
  assert.equal(attempt.carried?.certificate?.why, "DANE: TLSA 3 1 1 fits its own certificate");
});

test("a connection made on the word of unsigned records carries no mail for signed ones", async (t) => {
  const { rig, server } = await site(t, showing(SELF_SIGNED), [tlsa(3, UNDER_ROOT)]);
  rig.dns.has(name("lax.example"), "MX", [{ preference: 10, exchange: MX }]);
  assert.match(words(await rig.attempt("bob@lax.example"))[0] ?? "", /^delivered /);
  assert.match(words(await rig.attempt(BOB))[0] ?? "", /^deferred 451 4\.7\.5 /);
  assert.equal(server.messages.length, 1);
});

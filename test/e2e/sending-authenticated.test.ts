/** Strangers' mail over sockets, through the server as its configuration makes it: authenticated, told, refused, and sealed where it goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { idIn } from "./letter.ts";
import { chainOf, lastMessage, sealingSite } from "./sealed-site.ts";
import { USER } from "./site.ts";

const ALIAS = "eve@local.example";
const HONEST = "sam@honest.example";
const FORGED = "sam@forged.example";

const letter = (from: string): string => `From: Sam <${from}>\r\nSubject: hello\r\n\r\nHi\r\n`;

test("strangers' mail is authenticated as it is set", async (t) => {
  const { site, records } = await sealingSite(t, ALIAS, "eve@foreign.example", {
    settings: () => ["authentication.private_clients=true"],
  });
  const { zone } = site;
  for (const [domain, spf] of [
    ["honest.example", "v=spf1 ip4:127.0.0.1 -all"],
    ["forged.example", "v=spf1 -all"],
  ] as const)
    zone.txt(domain, spf).txt(`_dmarc.${domain}`, "v=DMARC1; p=reject");
  zone.ptr("1.0.0.127.in-addr.arpa", "client.honest.example");
  zone.a("client.honest.example", "127.0.0.1");
  const send = async (from: string, to: string) =>
    site.strangerSends({ from, to, content: letter(from) });

  await t.test("an author's mail is taken, and its reader told", async () => {
    const id = idIn(await send(HONEST, USER));
    const message = await site.arrived(USER);
    assert.match(message, /^Authentication-Results: mx\.local\.example;\r\n\tdkim=none /m);
    assert.match(message, /;\r\n\tdmarc=pass [^;]*header\.from=honest\.example;\r\n/);
    assert.match(
      message,
      /\tiprev=pass \(client\.honest\.example\) policy\.iprev=127\.0\.0\.1\r\n/,
    );
    assert.match(await site.explain(id), / origin aligned, author honest\.example\n/);
  });

  await t.test("a forgery is refused, but not to postmaster", async () => {
    assert.match(await send(FORGED, USER), /^550 5\.7\.26 DMARC: .*forged\.example/);
    assert.match(await send(FORGED, "postmaster"), /^250 /);
    const message = await site.arrived(USER); // who is postmaster here
    assert.match(message, /^X-Gatepost-Mark: dmarc=fail \(p=reject\)\r$/m);
    assert.match(await site.explain("postmaster"), /1 message accepted/);
  });

  await t.test("what goes on is sealed from the same results", async () => {
    await send(HONEST, ALIAS);
    await site.settled();
    const sent = lastMessage(site);
    assert.equal(await chainOf(sent, records), "pass 1");
    assert.match(sent.toString(), /^Authentication-Results: mx\.local\.example;/m);
    assert.match(sent.toString(), /^ARC-Authentication-Results: i=1; mx\.local\.example;/m);
  });

  await t.test("and with a reload it is asked about no more", async () => {
    await site.reload("authentication.enabled=false");
    assert.match(await send(FORGED, USER), /^250 /);
    assert.doesNotMatch(await site.arrived(USER), /Authentication-Results|X-Gatepost/);
  });
});

/** A mail program sets itself up by Thunderbird's rules, from an address and a password, and then sends and fetches. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { after, before, describe, test } from "node:test";
import { setUpAndUse, type Told } from "./support/autoconfig-client.ts";
import { PASSWORD, USER } from "./support/site.ts";
import { startWebSite, WEB_NAMES, type WebSite } from "./support/web-site.ts";

describe("a mailbox set up by autoconfig", () => {
  let site: WebSite;
  before(async () => {
    site = await startWebSite('relay.domains=[{ domain = "inner.example", host = "127.0.0.1:1" }]');
  });
  after(() => site.stop());

  const NOBODY = 1; // a port on which nobody listens

  async function setUp(subject: string, more: Partial<Told> = {}): Promise<string> {
    const { ports, ca } = site;
    const { asked, incoming, outgoing, messages } = await setUpAndUse({
      address: USER,
      password: PASSWORD,
      subject,
      ca,
      names: ["mx.local.example", ...WEB_NAMES],
      ports: { 80: ports.http, 443: ports.https },
      ...more,
    });
    const common = { host: "mx.local.example", user: USER, socketType: "SSL" };
    assert.deepEqual(incoming, { ...common, port: ports.pop3s });
    assert.deepEqual(outgoing, { ...common, port: ports.submissions });
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? "", new RegExp(`^Subject: ${subject}$`, "m"));
    return asked.at(-1) ?? "";
  }

  const QUERY = "config-v1.1.xml?emailaddress=user%40local.example";

  test("at the first place where a program looks, by HTTPS", async () => {
    const found = await setUp("first place");
    assert.equal(found, `https://autoconfig.local.example/mail/${QUERY}`);
  });

  test("at the domain's own host, where there is no other", async () => {
    const found = await setUp("own host", { names: ["mx.local.example", "local.example"] });
    assert.equal(found, `https://local.example/.well-known/autoconfig/mail/${QUERY}`);
  });

  test("by HTTP, where nobody serves HTTPS", async () => {
    const ports = { 80: site.ports.http, 443: NOBODY };
    assert.equal(
      await setUp("by HTTP", { ports }),
      `http://autoconfig.local.example/mail/${QUERY}`,
    );
    assert.equal(
      await setUp("by HTTP at its own host", {
        ports,
        names: ["mx.local.example", "local.example"],
      }),
      `http://local.example/.well-known/autoconfig/mail/${QUERY}`,
    );
  });

  test("of a domain that was added a moment ago", async () => {
    const added = await site.gatepost("domain", "add", "new.example");
    assert.equal(added.code, 0, added.said);
    const address = "ann@new.example";
    const made = await site.gatepost("mailbox", "add", address, "--password", PASSWORD);
    assert.equal(made.code, 0, made.said);
    const { incoming, messages } = await setUpAndUse({
      address,
      password: PASSWORD,
      subject: "new",
      ca: site.ca,
      names: ["mx.local.example", "autoconfig.new.example"],
      ports: { 80: site.ports.http, 443: site.ports.https }, // no certificate has this name, so HTTP it is
    });
    assert.equal(incoming.user, address);
    assert.equal(messages.length, 1);
  });

  test("and none of a domain whose mailboxes are elsewhere, though its policy is served", async () => {
    const added = await site.gatepost("domain", "add", "inner.example");
    assert.equal(added.code, 0, added.said);
    const status = async (host: string, path: string): Promise<number | undefined> => {
      const asked = get({ host: "127.0.0.1", port: site.ports.http, path, headers: { host } });
      const [response] = (await once(asked, "response")) as [IncomingMessage]; // as Node says
      response.resume();
      return response.statusCode;
    };
    const file = "/.well-known/autoconfig/mail/config-v1.1.xml";
    assert.equal(await status("local.example", file), 200);
    assert.equal(await status("inner.example", file), 404);
    assert.equal(await status("mta-sts.inner.example", "/.well-known/mta-sts.txt"), 200);
  });
});

/** Postfix as the next hop of our delivery: in the clear, under TLS, and as a smart host that wants a login. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { RelayRoute } from "../../src/policy/routing/index.ts";
import type { Attempt } from "../../src/service/delivery/index.ts";
import { ip, Rig, words } from "../service/delivery/rig.ts";
import { KIB, makeMessage, MIB } from "./support/messages.ts";
import { LOGIN, startNextHop, type NextHopServer } from "./support/next-hop.ts";

/** Milliseconds from Postfix's 250 to its mailbox. */
const DELIVERY_LIMIT = 30_000;

describe("Postfix as the next hop", () => {
  let server: NextHopServer;
  before(async () => {
    server = await startNextHop();
  });
  after(() => server.stop());

  const route = (
    port: keyof NextHopServer["ports"],
    more: Partial<RelayRoute> = {},
  ): RelayRoute => ({
    host: { kind: "address", ip: ip("127.0.0.1") },
    port: server.ports[port],
    tls: "opportunistic",
    ...more,
  });

  function send(
    rig: Rig,
    content: Buffer,
    to: string | readonly string[],
    parameters: object = {},
  ): Promise<Attempt> {
    return rig.attempt(to, {
      octets: content.length,
      parameters: { body: "8BITMIME", smtputf8: false, ...parameters },
      read: (offset, limit) => content.subarray(offset, offset + limit),
    });
  }

  /** The message of that subject, as it lies in the mailbox. */
  async function arrived(user: string, subject: string): Promise<string> {
    const until = performance.now() + DELIVERY_LIMIT;
    for (;;) {
      const found = server.messages(user).find((text) => text.includes(`Subject: ${subject}\n`));
      if (found !== undefined) return found;
      assert.ok(performance.now() < until, server.log());
      await setTimeout(100);
    }
  }

  /** With Postfix's own line ends, and behind the fields that it wrote. */
  function assertWhole(found: string, sent: Buffer): string {
    const text = sent.toString("latin1").replaceAll("\r\n", "\n");
    const at = found.indexOf(text.slice(0, 200));
    assert.ok(at > 0);
    assert.ok(found.slice(at).trimEnd() === text.trimEnd(), "the message has changed");
    return found.slice(0, at);
  }

  test("hands messages over in the clear and under TLS, byte for byte", async (t) => {
    const rig = new Rig(t, {});
    for (const [port, bytes, content, trace] of [
      ["plain", 5 * MIB, "8-bit", /\bwith ESMTP\b/],
      ["tls", 300 * KIB, "utf-8", /\bwith ESMTPS\b/],
      ["smtps", 64 * KIB, "ascii", /\bwith ESMTPS\b/],
    ] as const) {
      rig.routes.set("*", route(port, port === "smtps" ? { tls: "at once" } : {}));
      const message = makeMessage(`next hop ${port}`, { bytes, content });
      const attempt = await send(rig, message, "bob@foreign.example");
      assert.match(words(attempt)[0] ?? "", /^delivered 250 2\.0\.0 Ok: queued as /);
      assert.equal(attempt.carried?.tls !== undefined, port !== "plain");
      assert.match(assertWhole(await arrived("bob", `next hop ${port}`), message), trace);
    }
  });

  test("tells each recipient's fate in Postfix's own words", async (t) => {
    const rig = new Rig(t, {});
    rig.routes.set("*", route("tls"));
    const message = makeMessage("fates", { bytes: KIB });
    const attempt = await send(rig, message, [
      "bob@foreign.example",
      "nobody@foreign.example",
      "eve@elsewhere.example",
      "eve@foreign.example",
    ]);
    const [bob, nobody, elsewhere, eve] = words(attempt);
    assert.match(bob ?? "", /^delivered /);
    assert.equal(eve, bob);
    assert.match(nobody ?? "", /^failed 550 5\.1\.1 .*User unknown/);
    assert.match(elsewhere ?? "", /^failed 554 5\.7\.1 .*Relay access denied/);
    await arrived("eve", "fates");
  });

  test("uses one connection for many messages, and none in the end", async (t) => {
    const rig = new Rig(t, { connections: 1 });
    rig.routes.set("*", route("plain"));
    const connections = () => server.log().split(/ connect from/).length;
    const earlier = connections();
    const attempts = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        send(rig, makeMessage(`many ${i}`, { bytes: KIB }), "bob@foreign.example"),
      ),
    );
    for (const attempt of attempts) assert.match(words(attempt)[0] ?? "", /^delivered /);
    assert.equal(connections() - earlier, 1);
    await rig.delivery.close(10_000);
  });

  test("carries an address in UTF-8", async (t) => {
    const rig = new Rig(t, {});
    rig.routes.set("*", route("tls"));
    const message = makeMessage("utf8", { bytes: KIB, content: "utf-8" });
    const attempt = await send(rig, message, "jürg@foreign.example", { smtputf8: true });
    assert.match(words(attempt)[0] ?? "", /^delivered /);
    assert.match(await arrived("bob", "utf8"), /\bwith UTF8SMTPS\b/);
  });

  test("logs in to a smart host by SCRAM-SHA-256; a wrong password waits for the operator", async (t) => {
    const rig = new Rig(t, {});
    rig.routes.set("*", route("login", { tls: "required", login: LOGIN }));
    const message = makeMessage("smart", { bytes: KIB });
    const attempt = await send(rig, message, "bob@foreign.example");
    assert.match(words(attempt)[0] ?? "", /^delivered /, server.log());
    assert.match(server.log(), /sasl_method=SCRAM-SHA-256, sasl_username=gatepost/);
    const wrong = { name: LOGIN.name, password: "wrong" };
    rig.routes.set("*", route("login", { tls: "required", login: { ...wrong, name: "other" } }));
    const refused = await send(rig, message, "bob@foreign.example");
    assert.match(words(refused)[0] ?? "", /^deferred 451 4\.7\.8 /);
    assert.match(refused.outcomes[0]?.reply?.lines[0] ?? "", /^535 5\.7\.8 /);
  });
});

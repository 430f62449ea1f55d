/** Delivery to a server that speaks LMTP (RFC 2033): each recipient has the answer that is its own. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { parseSocketPath } from "../../../src/mail/index.ts";
import type { Answer } from "../../support/scripted-server.ts";
import { ScriptedServer } from "../../support/scripted-server.ts";
import { ip, Rig, words } from "./rig.ts";

const TO = ["ann@inner.example", "bob@inner.example", "eve@inner.example"];

async function inner(
  t: TestContext,
  answer: (command: string) => Answer,
): Promise<{ readonly rig: Rig; readonly server: ScriptedServer }> {
  const server = await ScriptedServer.open(t, { protocol: "lmtp", answer });
  const rig = new Rig(t, { final_seconds: 1 });
  const host = { kind: "address", ip: ip("127.0.0.1") } as const;
  rig.routes.set("*", { protocol: "lmtp", host, port: server.port, tls: "opportunistic" });
  return { rig, server };
}

test("one has it, one has no room, one is unknown; the next message goes over the same connection", async (t) => {
  const { rig, server } = await inner(t, (command) => {
    if (command === "RCPT TO:<eve@inner.example>") return "550 5.1.1 no such user";
    return command === ". <bob@inner.example>" ? "452 4.2.2 mailbox full" : undefined;
  });
  for (let i = 1; i <= 2; i++)
    assert.deepEqual(words(await rig.attempt(TO)), [
      `delivered 250 2.0.0 queued as ${i}`,
      "deferred 452 4.2.2 mailbox full",
      "failed 550 5.1.1 no such user",
    ]);
  assert.equal(server.talks.length, 1);
  assert.equal(server.commands[0], "LHLO mx.local.example");
});

test("a connection that breaks between the answers leaves the others in doubt, and they are not tried elsewhere", async (t) => {
  const { rig, server } = await inner(t, (command) =>
    command === ". <bob@inner.example>" ? "DROP" : undefined,
  );
  const LOST = `451 4.4.2 [127.0.0.1] closed the connection after the whole message`;
  assert.deepEqual(words(await rig.attempt(TO)), [
    "delivered 250 2.0.0 queued as 1",
    `deferred in doubt ${LOST}`,
    `deferred in doubt ${LOST}`,
  ]);
  assert.equal(server.messages.length, 1);
});

test("a server of SMTP is not sent to, and the mail waits until the operator has seen it", async (t) => {
  const { rig, server } = await inner(t, () => undefined);
  server.script = { protocol: "smtp" };
  assert.deepEqual(
    words(await rig.attempt(TO)),
    TO.map(() => "deferred 451 4.3.5 [127.0.0.1] does not take LMTP from us"),
  );
  assert.equal(server.messages.length, 0);
});

test("behind a socket: in the clear, over one connection, and named by its path", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "gatepost-lmtp-"));
  t.after(() => rmSync(home, { recursive: true }));
  const socket = parseSocketPath(join(home, "lmtp")) ?? assert.fail();
  const rig = new Rig(
    t,
    { private_addresses: "refuse", address: "192.0.2.1" },
    { isOwnAddress: () => true },
  );
  rig.routes.set("*", { socket });
  const missing = await rig.attempt(TO.slice(0, 1));
  assert.deepEqual(words(missing), [`deferred 451 4.4.1 ${socket} cannot be reached`]);
  assert.equal(missing.outcomes[0]?.status.reason, "there is no such socket");
  const answer = (command: string): Answer =>
    command === ". <bob@inner.example>" ? "452 4.2.2 mailbox full" : undefined;
  const script = { protocol: "lmtp", answer, offers: ["STARTTLS"], tls: "broken" } as const;
  const server = await ScriptedServer.open(t, script, { socket });
  for (let i = 1; i <= 2; i++) {
    const attempt = await rig.attempt(TO.slice(0, 2));
    assert.deepEqual(words(attempt), [
      `delivered 250 2.0.0 queued as ${i}`,
      "deferred 452 4.2.2 mailbox full",
    ]);
    const security = { level: "none", why: "a socket of this machine" };
    assert.deepEqual(attempt.carried, { host: socket, security });
  }
  assert.equal(server.talks.length, 1);
  assert.ok(!server.commands.includes("STARTTLS"));
  server.close();
  assert.deepEqual(words(await rig.attempt(TO.slice(0, 1))), words(missing));
});

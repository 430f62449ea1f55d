/** Reloads, certificate and directory changes under load, and the end: nobody is dropped, nothing is refused for it. */
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { test } from "node:test";
import { openDirectory } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { ANY_PORTS, newSite, portOf, USER } from "../../e2e/site.ts";
import { deliver, Talk } from "../../e2e/talk.ts";
import { useAnyPorts } from "../crash/loop.ts";
import { tokensInMailbox, Victim } from "../crash/victim.ts";

test("reloads, new certificates and new mailboxes under load: no connection dropped, no message refused", async (t) => {
  const site = await newSite();
  const server = await site.serve([...ANY_PORTS, "limits.connections_per_address=1000"]);
  t.after(() => server.stop(0));
  const smtp = portOf(server, "smtp");
  const patient = await Talk.to(smtp);
  await patient.reply();
  await patient.ask("EHLO patient.example");
  const load = { replies: [] as string[], stopped: false };
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let i = 0; !load.stopped; i++)
      load.replies.push(await deliver(smtp, USER, `Subject: c${client}n${i}\r\n\r\nx`));
  });
  for (let round = 0; round < 8; round++) {
    await server.reload([
      ...ANY_PORTS,
      "limits.connections_per_address=1000",
      `limits.recipients=${200 + round}`,
    ]);
    const pair = await makeSelfSigned("mx.local.example", Date.now());
    writeFileSync(join(site.dir, "tls/new.pem"), pair.certificate);
    writeFileSync(join(site.dir, "tls/key.pem"), pair.key);
    copyFileSync(join(site.dir, "tls/new.pem"), join(site.dir, "tls/certificate.pem"));
    const session = await openDirectory(loadConfig(site.file));
    const made = await session.administration.mailboxes.add(
      `m${round}@local.example`,
      "secret of nobody",
    );
    assert.deepEqual(made, { kind: "done" });
    await session.close();
    assert.match(await deliver(smtp, `m${round}@local.example`, "x"), /^250/);
  }
  load.stopped = true;
  await Promise.all(clients);
  assert.ok(load.replies.length > 8);
  assert.deepEqual(
    load.replies.filter((reply) => !reply.startsWith("250")),
    [],
  );
  assert.match(await patient.ask("NOOP"), /^250/);
  patient.destroy();
});

test("SIGTERM: a message that is coming in is taken, new commands hear 421, no new connection, exit 0", async (t) => {
  const site = await newSite();
  useAnyPorts(site.file);
  const victim = await Victim.start(site.file);
  t.after(() => victim.kill());
  const sender = await Talk.to(victim.ports.smtp);
  await sender.reply();
  for (const line of ["EHLO c.example", "MAIL FROM:<s@r.example>", `RCPT TO:<${USER}>`, "DATA"])
    assert.match(await sender.ask(line), /^[23]/);
  sender.say("Subject: in-time\r\n\r\nbegun");
  const idle = await Talk.to(victim.ports.smtp);
  await idle.reply();
  const exit = victim.end("SIGTERM");
  assert.match(await idle.reply(), /^421 4\.3\.2/);
  await idle.closed();
  await assert.rejects(Talk.to(victim.ports.smtp), /ECONNREFUSED/);
  await setTimeout(100);
  assert.match(await sender.ask(" and ended\r\n."), /^250 2\.0\.0/);
  assert.match(await sender.reply(), /^421 4\.3\.2/);
  assert.equal(await exit, 0);
  const next = await Victim.start(site.file);
  assert.equal((await tokensInMailbox(next.ports.pop3))?.get("in-time"), 1);
  await next.kill();
  site.remove();
});

/**
 * Two servers and a DNS that a test writes: what one does not know it tells the other by mail, where SPF says that the sender is the
 * other's; everybody else is refused in the session. The same of what an alias sends on and nobody takes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GatepostServer } from "../../src/app/index.ts";
import { backscatterReport } from "../../src/operate/reports/index.ts";
import { eventually } from "../support/eventually.ts";
import { idIn } from "./letter.ts";
import { JOE, OtherSite } from "./other-site.ts";
import { SendingSite } from "./sending-site.ts";
import { portOf, USER } from "./site.ts";

const NOBODY = "nobody@local.example";
const ALIAS = "eve@local.example";
const REFUSED = /^550 5\.1\.1 no such mailbox here/;

function routeTo(domain: string, server: GatepostServer): string {
  return `routes={ "${domain}" = "smtp://127.0.0.1:${portOf(server, "smtp")}" }`;
}

test("unknown recipients and forwards that fail", async (t) => {
  const here = await SendingSite.start(t, {
    settings: () => ['recipients.unknown="report"', "authentication.private_clients=true"],
  });
  const there = await OtherSite.start(t, {
    settings: [routeTo("local.example", here.server)],
  });
  await here.reload(routeTo("bravo.example", there.server));
  const { zone, remote } = here;
  zone.txt("bravo.example", "v=spf1 ip4:127.0.0.1 -all");
  zone.txt("forged.example", "v=spf1 -all").mx("forged.example", "10 mx.foreign.example");
  zone.txt("soft.example", "v=spf1 ~all").mx("soft.example", "10 mx.foreign.example");
  zone.mx("silent.example", "10 mx.foreign.example");
  zone.broken("broken.example");
  await here.change((to) => to.aliases.set(ALIAS, ["eve@foreign.example"], "add"));
  const forged = ["sam@forged.example", "sam@soft.example", "sam@silent.example"];

  const counted = async () =>
    JSON.parse(await backscatterReport(here.session, { days: 1, now: Date.now() }, true)) as Record<
      "backscatter" | "reports" | "untold",
      unknown
    >;

  await t.test("a verified sender's server takes the report, and his user reads it", async () => {
    await there.sends({ to: NOBODY });
    const report = await there.returned(/^Return-Path: <>\r\n/);
    assert.match(report, /^Auto-Submitted: auto-replied\r$/m);
    assert.match(report, /^Content-Type: multipart\/report; report-type=delivery-status;/m);
    assert.match(report, /^Reporting-MTA: dns; ?mx\.local\.example\r$/m);
    assert.match(
      report,
      /^Final-Recipient: rfc822; ?nobody@local\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r$/m,
    );
    await here.settled();
  });

  await t.test("who is here gets his mail, and the report names the other alone", async () => {
    await there.sends({ to: [USER, NOBODY] });
    await here.arrived(USER);
    const report = await there.returned(/^Final-Recipient: rfc822; ?nobody@local\.example\r$/m);
    assert.doesNotMatch(report, /Final-Recipient: rfc822; ?ann@/);
  });

  await t.test("nobody else is told: all others are refused in the session", async () => {
    for (const from of [...forged, ""])
      assert.match(await here.strangerSends({ from, to: NOBODY }), REFUSED, from);
    assert.match(
      await here.strangerSends({ from: "sam@broken.example", to: NOBODY }),
      /^451 4\.4\.3 /,
    );
    const answer = "From: <joe@bravo.example>\r\nAuto-Submitted: auto-replied\r\n\r\nI am away";
    assert.match(
      await here.strangerSends({ from: JOE, to: NOBODY, content: answer }),
      /^550 5\.1\.1 .*nothing is reported about a report/,
    );
    assert.deepEqual(await here.queue(), []);
    assert.deepEqual(remote.messages, []);
  });

  await t.test("of what an alias sends on a verified sender is told when it fails", async () => {
    remote.script = {
      answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 Eve has left" : undefined),
    };
    await there.sends({ to: ALIAS });
    const report = await there.returned(/Eve has left/);
    assert.match(report, /^Final-Recipient: rfc822; ?eve@foreign\.example\r$/m);
    const [, id = ""] = /^X-Gatepost-Id: (\S+)\r$/m.exec(report) ?? [];
    assert.match(await here.explain(id), /\n +report \S+ to <joe@bravo\.example>\n/);
    await here.settled();
  });

  await t.test("and of a forged one nobody is", async () => {
    for (const from of forged) idIn(await here.strangerSends({ from, to: ALIAS }));
    await here.settled();
    for (const line of remote.commands) assert.doesNotMatch(line, /RCPT TO:<sam@/i);
    assert.deepEqual(await there.fetch(), []);
  });

  await t.test("all of it is counted, and none of it is backscatter", async () => {
    const { backscatter, reports, untold } = await counted();
    assert.equal(backscatter, 0);
    const none = { here: 0, abroad: 0 };
    assert.deepEqual(reports, {
      login: none,
      network: none,
      peer: none,
      spf: { here: 0, abroad: 3 },
      dmarc: none,
      none,
    });
    assert.deepEqual(untold, [{ reason: "unverified", recipients: 3 }]);
  });

  await t.test(
    "what is refused after a reload stays refused, and what was taken is told",
    async () => {
      await here.reload("queue.send=false");
      await there.sends({ to: NOBODY });
      await eventually("a row that waits", async () =>
        (await here.queue()).length === 1 ? 1 : undefined,
      );
      const [row] = await here.queue();
      assert.deepEqual(row?.evidence, { sender: JOE, spf: "bravo.example" });
      await here.reload('recipients.unknown="refuse"', "queue.send=true");
      await there.returned(/^Final-Recipient: rfc822; ?nobody@local\.example\r$/m);
      await there.sends({ to: NOBODY });
      await there.returned(/550 5\.1\.1 no such mailbox here/); // of its own server, whose user he is
      await here.settled();
      assert.deepEqual((await counted()).backscatter, 0);
    },
  );
});

/** A user who requires TLS all the way (RFC 8689): offered after TLS to who may log in, kept in the queue, reported where it cannot be kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readReport } from "../interop/support/report-reader.ts";
import { SERVER_TLS } from "../support/scripted-server.ts";
import { SendingSite, BOB } from "./sending-site.ts";
import { portOf } from "./site.ts";
import { Talk } from "./talk.ts";

const TO = "eve@foreign.example";

test("mail that requires TLS all the way", async (t) => {
  const site = await SendingSite.start(t);
  const { remote } = site;

  await t.test("is for who has logged in, and offered to nobody else", async () => {
    const talk = await Talk.to(portOf(site.server, "smtp"));
    await talk.reply();
    assert.doesNotMatch(await talk.ask("EHLO client.example"), /REQUIRETLS/);
    assert.match(await talk.ask("MAIL FROM:<a@remote.example> REQUIRETLS"), /^555 5\.5\.4 /);
    talk.destroy();
    const login = await site.login();
    assert.match(await login.ask("EHLO client.example"), /^250-REQUIRETLS\r$/m);
    login.destroy();
  });

  await t.test("comes back from a server without TLS, and only its header with it", async () => {
    await site.bobSends({ to: TO, parameters: "REQUIRETLS RET=FULL" });
    const report = await readReport(await site.arrived(BOB));
    assert.equal(report.groups[1]?.get("Status"), "5.7.30");
    assert.equal(report.types[3], "text/rfc822-headers");
    assert.match(report.text, /requires TLS all the way/);
    assert.deepEqual(remote.messages, []);
    await site.settled();
  });

  await t.test(
    "waits where the certificate proves nothing, and `queue show` says why",
    async () => {
      remote.script = { tls: await SERVER_TLS, offers: ["REQUIRETLS"] };
      await site.bobSends({ to: TO, parameters: "REQUIRETLS" });
      const shown = await site.deferred();
      assert.match(shown, /^asked for {2}body .*REQUIRETLS yes|^asked for {2}REQUIRETLS yes/m);
      assert.match(shown, /^outcome {4}451 4\.7\.5 the certificate of mx\.foreign\.example /m);
      assert.match(
        shown,
        /^server {5}mx\.foreign\.example \[127\.0\.0\.1\], TLS broken off by us$/m,
      );
      assert.match(shown, /^security {3}verified, required by the sender \(REQUIRETLS\)$/m);
      assert.match(shown, /^ +certificate sha256:[0-9a-f]{64}: it is self-signed$/m);
      assert.deepEqual(remote.messages, []);
    },
  );
});
